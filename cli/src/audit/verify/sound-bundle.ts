import { tileWidth } from "@vivified/tlog";
import { type EntryAt, entriesIn } from "./log-entries.ts";
import { isSoundTile, type TileFiles } from "./verify-tiles.ts";

/** All entries of a bundle; undefined when one is missing, or is another than the tree has. */
export async function soundBundle(at: number, size: number, files: TileFiles): Promise<readonly EntryAt[] | undefined> {
  if (!(await isSoundTile(at, size, files))) return undefined;
  const span = { from: at * tileWidth, to: Math.min(size, (at + 1) * tileWidth) };
  const log = { read: files.read, size, unsound: new Set<number>() };
  const found = await Array.fromAsync(entriesIn([span], log, () => undefined));
  return found.length === span.to - span.from ? found : undefined;
}
