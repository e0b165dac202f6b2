import { newBundles, newTiles } from "@vivified/tlog";
import { inBatches } from "./in-batches.ts";
import { logInconsistency } from "./log-inconsistency.ts";
import type { LogStorage } from "./log-storage.ts";
import { readTileFile, type TileFile, tileFilePath } from "./read-tile-file.ts";

/**
 * Copies the files of the log as a checkpoint of this size has them, while core goes on with it. What is newer stays
 * behind: whoever goes on from the copy would write other records where those lie. A checkpoint is not among them.
 *
 * @throws VivifiedError `log_inconsistent` when a file is missing, or other bytes lie where it goes
 */
export async function copyLog(
  size: number,
  from: Pick<LogStorage, "read">,
  to: Pick<LogStorage, "putOnce">,
): Promise<void> {
  await inBatches(filesOf(size), async (file) => {
    const bytes = await readTileFile(file, from);
    if (bytes === undefined) throw logInconsistency(`${tileFilePath(file)} is missing`);
    await to.putOnce(tileFilePath(file), bytes);
  });
}

const filesOf = (size: number): readonly TileFile[] => [
  ...newBundles(0, size).map((bundle) => ({ level: "entries" as const, ...bundle })),
  ...newTiles(0, size),
];
