import { encodeBundle } from "./tiles/entry-bundle.ts";
import type { TileReader } from "./tiles/tile-hashes.ts";
import { bundlePath, tilePath, tileWidth } from "./tiles/tile-path.ts";
import { newBundles } from "./tiles/tiles-of.ts";
import { emptyEdge, extendTree, rootOfEdge } from "./tiles/tree-edge.ts";
import { type Hash, leafHash } from "./tree/hash.ts";

/** A log in memory: what a server of it would serve below its prefix, by path, and the root. */
export type MemoryLog = {
  readonly size: number;
  readonly root: Hash;
  readonly files: Map<string, Uint8Array>;
  readonly readTile: TileReader;
};

/** The log of these entries, made in one go; the checkpoint is left to the test. */
export function memoryLog(entries: readonly string[]): MemoryLog {
  const bytes = entries.map((entry) => Buffer.from(entry));
  const { edge, tiles } = extendTree(emptyEdge, bytes.map(leafHash));
  const files = new Map<string, Uint8Array>();
  for (const { tile, hashes } of tiles) files.set(tilePath(tile), Buffer.concat(hashes));
  for (const bundle of newBundles(0, bytes.length)) {
    const start = bundle.index * tileWidth;
    files.set(bundlePath(bundle), encodeBundle(bytes.slice(start, start + bundle.width)));
  }
  const readTile: TileReader = async (tile) => {
    const found = files.get(tilePath(tile));
    if (found === undefined) throw new Error(`no ${tilePath(tile)}`);
    return found;
  };
  return { size: bytes.length, root: rootOfEdge(edge), files, readTile };
}

/** Entries like those of an audit log, all different. */
export const someEntries = (count: number): string[] =>
  Array.from({ length: count }, (_, at) => `{"id":"entry ${at}"}`);
