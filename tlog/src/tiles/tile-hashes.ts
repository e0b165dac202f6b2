import { VivifiedError } from "@vivified/runtime";
import { type Hash, hashBytes } from "../tree/hash.ts";
import type { HashReader } from "../tree/read-hashes.ts";
import { rootOf } from "../tree/root-of.ts";
import type { Subtree } from "../tree/subtrees.ts";
import { type Tile, tilePath, tileWidth } from "./tile-path.ts";
import { tileAt } from "./tiles-of.ts";

/** The bytes of a tile: its hashes, one after another. */
export type TileReader = (tile: Tile) => Promise<Uint8Array>;

const tileHeight = 8;

/**
 * Reads hashes out of the tiles of a tree of this size, every tile once. A tile is not checked against the tree: whoever
 * does not trust the tiles computes the root from them and compares it with a signed one.
 *
 * @throws VivifiedError `malformed` when a tile has another length than its place says
 */
export function tileHashes(size: number, readTile: TileReader): HashReader {
  return async (subtrees) => {
    const places = subtrees.map((subtree) => placeOf(subtree, size));
    const tiles = new Map(places.map(({ tile }) => [tilePath(tile), tile]));
    const read = await Promise.all(
      [...tiles].map(async ([path, tile]) => [path, await hashesOf(tile, readTile)] as const),
    );
    const hashes = new Map(read);
    return places.map(({ tile, from, count }) => rootOf((hashes.get(tilePath(tile)) ?? []).slice(from, from + count)));
  };
}

/** A subtree is some neighbouring hashes of one tile: of the level below it that has tiles. */
function placeOf({ level, index }: Subtree, size: number) {
  const tileLevel = Math.floor(level / tileHeight);
  const count = 2 ** (level % tileHeight);
  const first = index * count;
  const tile = tileAt({ level: tileLevel, index: Math.floor(first / tileWidth) }, size);
  const from = first % tileWidth;
  if (tile !== undefined && from + count <= tile.width) return { tile, from, count };
  throw new VivifiedError("invalid", { detail: `a tree of ${size} has no subtree ${index} of level ${level}` });
}

async function hashesOf(tile: Tile, readTile: TileReader): Promise<Hash[]> {
  return splitTile(await readTile(tile), tile);
}

/** @throws VivifiedError `malformed` when there are more or fewer hashes than the tile is wide */
export function splitTile(bytes: Uint8Array, tile: Tile): Hash[] {
  if (bytes.length !== tile.width * hashBytes) {
    throw new VivifiedError("malformed", { detail: `${tilePath(tile)} has ${bytes.length} bytes` });
  }
  return Array.from({ length: tile.width }, (_, at) => bytes.subarray(at * hashBytes, (at + 1) * hashBytes));
}
