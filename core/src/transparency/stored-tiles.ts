import { type TileReader, tilePath } from "@vivified/tlog";
import { logInconsistency } from "./log-inconsistency.ts";
import type { LogStorage } from "./log-storage.ts";
import { readTileFile } from "./read-tile-file.ts";

/** Reads tiles that the log must have. @throws VivifiedError `log_inconsistent` for one that is not there */
export function storedTiles(storage: Pick<LogStorage, "read">): TileReader {
  return async (tile) => {
    const found = await readTileFile(tile, storage);
    if (found === undefined) throw logInconsistency(`${tilePath(tile)} is missing`);
    return found;
  };
}
