import { VivifiedError } from "@vivified/runtime";
import type { Hash } from "../tree/hash.ts";
import { rootOf } from "../tree/root-of.ts";
import { joinSubtrees } from "../tree/subtrees.ts";
import { splitTile, type TileReader } from "./tile-hashes.ts";
import { type Tile, tileWidth } from "./tile-path.ts";
import { levelWidth, tileAt } from "./tiles-of.ts";

/** All that must be known of a tree to append to it: its partial tiles, one for each level, maybe empty. */
export type TreeEdge = { readonly size: number; readonly levels: readonly (readonly Hash[])[] };

export const emptyEdge: TreeEdge = { size: 0, levels: [] };

/** A tile with its hashes. */
export type FilledTile = { readonly tile: Tile; readonly hashes: readonly Hash[] };

/** Reads the edge of the tree of this size from its partial tiles. */
export async function readEdge(size: number, readTile: TileReader): Promise<TreeEdge> {
  const levels: Promise<Hash[]>[] = [];
  for (let level = 0; levelWidth(level, size) > 0; level += 1) {
    const tile = tileAt({ level, index: Math.floor(levelWidth(level, size) / tileWidth) }, size);
    levels.push(tile === undefined ? Promise.resolve([]) : readTile(tile).then((bytes) => splitTile(bytes, tile)));
  }
  return { size, levels: await Promise.all(levels) };
}

/** The root of the tree with this edge. */
export function rootOfEdge({ levels }: TreeEdge): Hash {
  return joinSubtrees(levels.toReversed().flatMap(completeParts));
}

/** Hashes of equally large subtrees, joined to as few as possible: one for each bit of how many they are. */
function completeParts(hashes: readonly Hash[]): Hash[] {
  const parts: Hash[] = [];
  for (let at = 0, count = tileWidth / 2; count >= 1; count /= 2) {
    if (at + count > hashes.length) continue;
    parts.push(rootOf(hashes.slice(at, at + count)));
    at += count;
  }
  return parts;
}

/**
 * Appends leaves: the new edge, and every tile that the larger tree has and the smaller had not. The same edge and leaves
 * give the same tiles.
 */
export function extendTree(edge: TreeEdge, leaves: readonly Hash[]): { edge: TreeEdge; tiles: FilledTile[] } {
  const size = edge.size + leaves.length;
  if (!Number.isSafeInteger(size)) throw new VivifiedError("too_large", { detail: "the log is full" });
  const [tiles, levels]: [FilledTile[], Hash[][]] = [[], []];
  let added = leaves;
  for (let level = 0; levelWidth(level, size) > 0; level += 1) {
    const grown = extendLevel({ level, first: levelWidth(level, edge.size), edge: edge.levels[level] ?? [] }, added);
    tiles.push(...grown.tiles);
    levels.push(grown.rest);
    added = grown.full.map(({ hashes }) => rootOf(hashes));
  }
  return { edge: { size, levels }, tiles };
}

type Level = { readonly level: number; readonly first: number; readonly edge: readonly Hash[] };

function extendLevel({ level, first, edge }: Level, added: readonly Hash[]) {
  const hashes = [...edge, ...added];
  const start = Math.floor(first / tileWidth);
  const cut = Array.from({ length: Math.ceil(hashes.length / tileWidth) }, (_, at) => {
    const part = hashes.slice(at * tileWidth, (at + 1) * tileWidth);
    return { tile: { level, index: start + at, width: part.length }, hashes: part };
  });
  const full = cut.filter(({ tile }) => tile.width === tileWidth);
  const rest = cut.find(({ tile }) => tile.width < tileWidth)?.hashes ?? [];
  return { full, rest, tiles: added.length === 0 ? [] : cut };
}
