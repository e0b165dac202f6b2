import type { RecordProofs } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import { formatTlogProof, inclusionProof, tileHashes } from "@vivified/tlog";
import type { LogStorage } from "./log-storage.ts";
import type { LogStore } from "./log-store.ts";
import { cosignedNote } from "./publish-checkpoint.ts";
import { storedTiles } from "./stored-tiles.ts";

export type ProveDeps = { readonly store: LogStore; readonly storage: Pick<LogStorage, "read"> };

/**
 * Proves that a decision is in the log.
 *
 * @throws VivifiedError `not_found` when the log does not have it, or not yet: records wait for the next checkpoint
 */
export async function proveRecord(decisionId: string, { store, storage }: ProveDeps): Promise<RecordProofs> {
  const newest = await store.newest();
  const { decision, outcome } = await store.places(decisionId);
  const size = newest?.size ?? 0;
  if (newest === undefined || decision === undefined || decision >= size) {
    throw new VivifiedError("not_found", { detail: "the newest checkpoint holds no such decision" });
  }
  const hashes = tileHashes(size, storedTiles(storage));
  const checkpoint = await cosignedNote(newest, store);
  const prove = async (index: number) =>
    formatTlogProof({ index, proof: await inclusionProof({ index, size }, hashes), checkpoint });
  return {
    size,
    decision: await prove(decision),
    ...(outcome !== undefined && outcome < size && { outcome: await prove(outcome) }),
  };
}
