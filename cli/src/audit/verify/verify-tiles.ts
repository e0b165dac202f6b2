import {
  bundlePath,
  type Checkpoint,
  equalHashes,
  type Hash,
  newTiles,
  rootAt,
  rootOf,
  splitTile,
  type Tile,
  type TileReader,
  tileHashes,
  tilePath,
  tileWidth,
} from "@vivified/tlog";
import type { Finding } from "./finding.ts";
import { MalformedExport } from "./malformed-export.ts";

export type TileFiles = {
  readonly read: (name: string) => Promise<Buffer | undefined>;
  /** Whether the tile of level 0 with this number is part of the export. */
  readonly holds: (index: number) => boolean;
};

/**
 * Whether the tiles of the export are those of the signed tree: the tops give its root, and every tile below gives the hash
 * that the tile above has for it. Tiles of level 0 are needed where records are, and at the right edge.
 */
export async function verifyTiles(
  { size, root }: Checkpoint,
  files: TileFiles,
  add: (finding: Finding) => void,
): Promise<void> {
  const readTile = tileReader(files);
  const faults = new Map<string, Finding>();
  for (const tile of neededTiles(size, files)) {
    const finding = await verifyTile(tile, size, readTile);
    if (finding !== undefined) faults.set(tilePath(tile), finding);
  }
  for (const finding of faults.values()) add(finding);
  if ([...faults.values()].some(({ kind }) => kind === "tile_missing")) return;
  const found = await rootAt(size, tileHashes(size, readTile)).catch(() => undefined);
  if (found !== undefined && equalHashes(found, root)) return;
  const detail = `the tiles do not give the root that was signed for ${size} entries: the tree was made anew or changed`;
  add({ kind: "wrong_root", detail });
}

function neededTiles(size: number, { holds }: TileFiles): readonly Tile[] {
  return newTiles(0, size).filter(({ level, index, width }) => level > 0 || width < tileWidth || holds(index));
}

/** Tiles as files. @throws MalformedExport when one is missing */
export function tileReader({ read }: Pick<TileFiles, "read">): TileReader {
  return async (tile) => {
    const bytes = await read(tilePath(tile));
    if (bytes === undefined) throw new MalformedExport("is missing", tilePath(tile));
    return bytes;
  };
}

/** Whether the tile of level 0 with this number is there, and is the one that the tree above it has. */
export async function isSoundTile(index: number, size: number, files: TileFiles): Promise<boolean> {
  const tile = { level: 0, index, width: Math.min(tileWidth, size - index * tileWidth) };
  return (await verifyTile(tile, size, tileReader(files))) === undefined;
}

async function verifyTile(tile: Tile, size: number, readTile: TileReader): Promise<Finding | undefined> {
  const path = tilePath(tile);
  const hashes = await hashesOf(tile, readTile);
  if (hashes === undefined) return { kind: "tile_missing", path, detail: `${path} is missing, or not of its size` };
  const expected = tile.width === tileWidth ? await hashAbove(tile, size, readTile) : undefined;
  if (expected === undefined || equalHashes(rootOf(hashes), expected)) return undefined;
  const entries = tileWidth ** (tile.level + 1);
  const [first, last] = [tile.index * entries, (tile.index + 1) * entries - 1];
  const detail = `${path} does not give the hash that the tile above has for it: one of the entries ${first}–${last}, or a hash over them, was changed`;
  return { kind: "tile_changed", path, detail, ...(tile.level === 0 && { index: first }) };
}

async function hashesOf(tile: Tile, readTile: TileReader): Promise<readonly Hash[] | undefined> {
  try {
    return splitTile(await readTile(tile), tile);
  } catch {
    return undefined;
  }
}

/** What the parent tile has for a full tile; undefined when the parent is not to be had, which is found for itself. */
async function hashAbove({ level, index }: Tile, size: number, readTile: TileReader): Promise<Hash | undefined> {
  const above = Math.floor(size / tileWidth ** (level + 1));
  const parent = Math.floor(index / tileWidth);
  const width = Math.min(above - parent * tileWidth, tileWidth);
  const hashes = await hashesOf({ level: level + 1, index: parent, width }, readTile);
  return hashes?.[index % tileWidth];
}

/** Where entries lie. */
export const entriesPath = (index: number, size: number): string =>
  bundlePath({ index, width: Math.min(tileWidth, size - index * tileWidth) });
