import type { Hash } from "../tree/hash.ts";
import { verifyInclusion } from "../tree/verify-inclusion.ts";
import { base64Of, bytesOf, hashOf } from "./base64.ts";
import { parseCount } from "./checkpoint.ts";
import { type CheckpointKeys, type OpenedCheckpoint, openCheckpoint } from "./open-checkpoint.ts";

/** That an entry is in a log, to be verified offline (tlog-proof). */
export type TlogProof = {
  readonly index: number;
  readonly proof: readonly Hash[];
  /** The signed checkpoint, a note. */
  readonly checkpoint: string;
  /** Anything; nobody vouches for it. */
  readonly extra?: Uint8Array;
};

const header = "c2sp.org/tlog-proof@v1";
const maxProof = 63;

export function formatTlogProof({ index, proof, checkpoint, extra }: TlogProof): string {
  const extraLines = extra === undefined ? [] : [`extra ${base64Of(extra)}`];
  return [header, ...extraLines, `index ${index}`, ...proof.map(base64Of), "", checkpoint].join("\n");
}

/** Undefined for text that is no proof. */
export function parseTlogProof(text: string): TlogProof | undefined {
  const end = text.indexOf("\n\n");
  const [first, ...lines] = text.slice(0, Math.max(end, 0)).split("\n");
  const extraLine = lines[0]?.startsWith("extra ") ? lines.shift() : undefined;
  const extra = extraLine === undefined ? undefined : bytesOf(extraLine.slice(6));
  const indexLine = lines.shift() ?? "";
  const index = indexLine.startsWith("index ") ? parseCount(indexLine.slice(6)) : undefined;
  const proof = lines.flatMap((line) => hashOf(line) ?? []);
  const whole =
    proof.length === lines.length && proof.length <= maxProof && (extraLine === undefined) === (extra === undefined);
  if (end < 0 || first !== header || index === undefined || !whole) return undefined;
  return { index, proof, checkpoint: text.slice(end + 2), ...(extra && { extra }) };
}

export type VerifiedProof =
  | (Extract<OpenedCheckpoint, { fault?: never }> & { readonly index: number })
  | {
      readonly fault: Exclude<OpenedCheckpoint["fault"], undefined> | "not_included";
      readonly signers: readonly string[];
    };

/** Whether the proof shows the leaf in the log of the key. */
export function verifyTlogProof(text: string, leaf: Hash, keys: CheckpointKeys): VerifiedProof {
  const parsed = parseTlogProof(text);
  if (parsed === undefined) return { fault: "malformed", signers: [] };
  const { index, proof } = parsed;
  const opened = openCheckpoint(parsed.checkpoint, keys);
  if (opened.fault !== undefined) return opened;
  const { size, root } = opened.checkpoint;
  if (verifyInclusion({ index, size, leaf, root }, proof)) return { ...opened, index };
  return { fault: "not_included", signers: [] };
}
