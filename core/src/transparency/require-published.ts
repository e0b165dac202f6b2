import { equalHashes, type Hash, rootAt, rootOfEdge, type TreeEdge, tileHashes } from "@vivified/tlog";
import { logInconsistency } from "./log-inconsistency.ts";
import { type ReadPublishedDeps, readPublished } from "./read-published.ts";
import { storedTiles } from "./stored-tiles.ts";

/** The tree that is gone on from, and the one that is to be signed. */
export type Growing = { readonly before: TreeEdge; readonly after: TreeEdge };

/**
 * What others were shown has to be the beginning of the tree that is gone on from, or the very tree that is to be signed.
 * The database says which tree the last one is: it may have been put back, also under a core that runs, and whoever has it
 * could say an older one, from which another history can be signed.
 *
 * @throws VivifiedError `log_inconsistent`
 */
export async function requirePublished({ before, after }: Growing, deps: ReadPublishedDeps): Promise<void> {
  const published = await readPublished(deps);
  if (published === undefined) return;
  const { size, root } = published.checkpoint;
  const known = [after, before].find((edge) => edge.size === size);
  if (known === undefined && size > before.size)
    throw logInconsistency(`a checkpoint of ${size} is published, and the database goes on from ${before.size}`);
  const found = known === undefined ? await beginningOf(before, size, deps) : rootOfEdge(known);
  if (!equalHashes(found, root)) throw logInconsistency(`${before.size} does not continue ${size}, which is published`);
}

const beginningOf = ({ size }: TreeEdge, of: number, { storage }: ReadPublishedDeps): Promise<Hash> =>
  rootAt(of, tileHashes(size, storedTiles(storage)));
