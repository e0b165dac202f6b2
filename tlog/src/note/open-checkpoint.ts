import { type Checkpoint, parseCheckpoint } from "./checkpoint.ts";
import { type NoteFault, openNote } from "./open-note.ts";
import { signatureTypes, type VerifierKey } from "./verifier-key.ts";
import type { VerifiedSignature } from "./verify-signature.ts";

/** Whose checkpoints are believed: the log's own key, and witnesses, whose signatures are told but not asked for. */
export type CheckpointKeys = { readonly log: VerifierKey; readonly witnesses?: readonly VerifierKey[] };

export type OpenedCheckpoint =
  | {
      readonly checkpoint: Checkpoint;
      readonly cosignatures: readonly VerifiedSignature[];
      readonly fault?: never;
    }
  | { readonly fault: NoteFault | "wrong_origin"; readonly signers: readonly string[] };

/** A signed checkpoint of the log whose key this is. The key's name is the origin. */
export function openCheckpoint(note: Uint8Array | string, { log, witnesses = [] }: CheckpointKeys): OpenedCheckpoint {
  const signed = openNote(note, [log]);
  if (signed.fault !== undefined) return signed;
  const opened = openNote(note, [log, ...witnesses]);
  if (opened.fault !== undefined) return opened;
  const signers = opened.verified.map(({ name }) => name);
  const checkpoint = parseCheckpoint(opened.text);
  if (checkpoint === undefined || log.type !== signatureTypes.note) return { fault: "malformed", signers };
  if (checkpoint.origin !== log.name) return { fault: "wrong_origin", signers };
  return { checkpoint, cosignatures: opened.verified.filter(({ timestamp }) => timestamp !== undefined) };
}
