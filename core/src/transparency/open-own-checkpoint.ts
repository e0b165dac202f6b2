import { type OpenedCheckpoint, openCheckpoint, type VerifierKey } from "@vivified/tlog";

/** Whose checkpoints are our own. */
export type OwnKeys = { readonly verifier: VerifierKey; readonly old?: { readonly verifier: VerifierKey } };

/** A checkpoint that our key signed, or, where the key was changed, the one before it. */
export function openOwnCheckpoint(note: Uint8Array | string, { verifier, old }: OwnKeys): OpenedCheckpoint {
  const opened = openCheckpoint(note, { log: verifier });
  if (opened.fault !== "unknown_signer" || old === undefined) return opened;
  return openCheckpoint(note, { log: old.verifier });
}
