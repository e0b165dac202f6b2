import { VivifiedError } from "@vivified/runtime";
import { parseTilePath, tileAt } from "@vivified/tlog";
import type { LogStorage } from "./log-storage.ts";
import type { LogStore } from "./log-store.ts";
import { readTileFile } from "./read-tile-file.ts";

export type ReadLogDeps = { readonly store: LogStore; readonly storage: Pick<LogStorage, "read"> };

/**
 * A tile or bundle as tlog-tiles serves it. What no checkpoint covers is not served, though it may lie on the storage.
 *
 * @throws VivifiedError `not_found` for every path that names no file of the signed log
 */
export async function readLogFile(path: string, { store, storage }: ReadLogDeps): Promise<Uint8Array> {
  const tile = parseTilePath(path);
  const size = (await store.newest())?.size ?? 0;
  const level = tile?.level === "entries" ? 0 : tile?.level;
  const signed = tile && level !== undefined ? tileAt({ level, index: tile.index }, size) : undefined;
  const bytes = tile && signed && tile.width <= signed.width ? await readTileFile(tile, storage) : undefined;
  if (bytes === undefined) throw new VivifiedError("not_found", { detail: "the signed log has no such file" });
  return bytes;
}
