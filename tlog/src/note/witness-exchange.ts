import type { Hash } from "../tree/hash.ts";
import { base64Of, hashOf } from "./base64.ts";
import { parseCount } from "./checkpoint.ts";
import { formatSignatureLine } from "./signature-line.ts";
import { signaturesIn } from "./split-note.ts";
import type { VerifierKey } from "./verifier-key.ts";
import { verifySignature } from "./verify-signature.ts";

/** What a log sends to a witness (tlog-witness, add-checkpoint). */
export type AddCheckpoint = {
  /** The size that the witness cosigned last, 0 when none. */
  readonly oldSize: number;
  readonly proof: readonly Hash[];
  /** The signed checkpoint, a note. */
  readonly checkpoint: string;
};

const maxProof = 63;

export function formatAddCheckpoint({ oldSize, proof, checkpoint }: AddCheckpoint): string {
  return [`old ${oldSize}`, ...proof.map(base64Of), "", checkpoint].join("\n");
}

/** What a witness reads; undefined for a body that is none. */
export function parseAddCheckpoint(body: string): AddCheckpoint | undefined {
  const end = body.indexOf("\n\n");
  const [first = "", ...lines] = body.slice(0, Math.max(end, 0)).split("\n");
  const oldSize = first.startsWith("old ") ? parseCount(first.slice(4)) : undefined;
  const proof = lines.flatMap((line) => hashOf(line) ?? []);
  if (end < 0 || oldSize === undefined || proof.length < lines.length || proof.length > maxProof) return undefined;
  return { oldSize, proof, checkpoint: body.slice(end + 2) };
}

/**
 * The signature lines of a witness's answer that the witness really made over the checkpoint's text, and no others;
 * undefined when there is none or the answer is malformed.
 */
export function cosignaturesIn(answer: string, text: string, witness: VerifierKey): string | undefined {
  const lines = answer.endsWith("\n") ? signaturesIn(answer.slice(0, -1)) : undefined;
  const own = lines?.find(({ name, id }) => name === witness.name && id === witness.id);
  return own && verifySignature(text, own, witness) && formatSignatureLine(own);
}
