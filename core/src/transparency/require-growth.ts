import {
  type ConsistencyClaim,
  consistencyProof,
  equalHashes,
  rootAt,
  tileHashes,
  verifyConsistency,
} from "@vivified/tlog";
import { logInconsistency } from "./log-inconsistency.ts";
import type { LogStorage } from "./log-storage.ts";
import { storedTiles } from "./stored-tiles.ts";

/**
 * What must hold before a checkpoint is signed: the tiles, as they lie on the storage, have its root, and the tree that was
 * signed last is the beginning of it. Proved and verified like by somebody who does not trust us.
 *
 * @throws VivifiedError `log_inconsistent`
 */
export async function requireGrowth(claim: ConsistencyClaim, storage: LogStorage): Promise<void> {
  const { from, to, toRoot } = claim;
  const hashes = tileHashes(to, storedTiles(storage));
  if (!equalHashes(await rootAt(to, hashes), toRoot)) throw logInconsistency(`the tiles of ${to} have another root`);
  const proof = await consistencyProof({ from, to }, hashes);
  if (!verifyConsistency(claim, proof)) throw logInconsistency(`${to} does not continue ${from}`);
}
