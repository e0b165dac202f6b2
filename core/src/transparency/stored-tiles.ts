import { type TileReader, tilePath, tileWidth } from "@vivified/tlog";
import { logInconsistency } from "./log-inconsistency.ts";
import type { LogStorage } from "./log-storage.ts";

/**
 * Reads tiles that the log must have. A partial tile may have been removed once the full one is there, which begins with
 * the same hashes.
 *
 * @throws VivifiedError `log_inconsistent` when neither is there
 */
export function storedTiles(storage: Pick<LogStorage, "read">): TileReader {
  return async (tile) => {
    const found = await storage.read(tilePath(tile));
    if (found !== undefined) return found;
    const full = tile.width < tileWidth ? await storage.read(tilePath({ ...tile, width: tileWidth })) : undefined;
    if (full === undefined) throw logInconsistency(`${tilePath(tile)} is missing`);
    return full.subarray(0, (full.length / tileWidth) * tile.width);
  };
}
