import { equalHashes, rootAt, rootOfEdge, type TreeEdge, tileHashes } from "@vivified/tlog";
import type { Verifying } from "./grow-log.ts";
import { logInconsistency } from "./log-inconsistency.ts";
import { openOwnCheckpoint } from "./open-own-checkpoint.ts";
import { checkpointPath } from "./publish-checkpoint.ts";
import { storedTiles } from "./stored-tiles.ts";

/**
 * What others were shown has to be the beginning of the tree that is gone on from. The database says which tree that is,
 * and whoever has it could say an older one, from which another history can be signed.
 *
 * @throws VivifiedError `log_inconsistent`
 */
export async function requirePublished(edge: TreeEdge, { identity, storage }: Verifying): Promise<void> {
  const published = await storage.read(checkpointPath);
  if (published === undefined) return;
  const opened = openOwnCheckpoint(published, identity);
  if (opened.fault !== undefined) throw logInconsistency(`the published checkpoint is not ours: ${opened.fault}`);
  const { size, root } = opened.checkpoint;
  if (size > edge.size)
    throw logInconsistency(`a checkpoint of ${size} is published, and the database goes on from ${edge.size}`);
  const found = size === edge.size ? rootOfEdge(edge) : await rootAt(size, tileHashes(edge.size, storedTiles(storage)));
  if (!equalHashes(found, root)) throw logInconsistency(`${edge.size} does not continue ${size}, which is published`);
}
