import { type Bundle, bundlePath, decodeBundle, encodeBundle, type Tile, tilePath, tileWidth } from "@vivified/tlog";
import type { LogStorage } from "./log-storage.ts";

/** A tile of hashes, or a bundle of entries. */
export type TileFile = Tile | (Bundle & { readonly level: "entries" });

/**
 * A tile or bundle, byte by byte as it was written. A partial one that was removed is the beginning of the full one;
 * undefined when that is not there either.
 */
export async function readTileFile(file: TileFile, storage: Pick<LogStorage, "read">): Promise<Uint8Array | undefined> {
  const found = await storage.read(tileFilePath(file));
  if (found !== undefined || file.width === tileWidth) return found;
  const full = await storage.read(tileFilePath({ ...file, width: tileWidth }));
  if (full === undefined) return undefined;
  if (file.level === "entries") return encodeBundle(decodeBundle(full).slice(0, file.width));
  return full.subarray(0, (full.length / tileWidth) * file.width);
}

/** Where it lies (tlog-tiles). */
export function tileFilePath({ level, ...place }: TileFile): string {
  return level === "entries" ? bundlePath(place) : tilePath({ level, ...place });
}
