import { type Bundle, type Tile, tileWidth } from "./tile-path.ts";

/** How many hashes a level has in a tree of this size. */
export function levelWidth(level: number, size: number): number {
  return Math.floor(size / tileWidth ** level);
}

/** The tile as a tree of this size has it: full, or as wide as the tree reaches; undefined when it has none there. */
export function tileAt({ level, index }: Omit<Tile, "width">, size: number): Tile | undefined {
  const width = Math.min(levelWidth(level, size) - index * tileWidth, tileWidth);
  return width > 0 ? { level, index, width } : undefined;
}

/**
 * Every tile that a tree of size `to` has and one of size `from` had not, partial ones at the right edge included. These
 * are what a log writes when it grows, and with `from` 0 all that a reader of the tree needs.
 */
export function newTiles(from: number, to: number): Tile[] {
  const found: Tile[] = [];
  for (let level = 0; levelWidth(level, to) > 0; level += 1) {
    const first = Math.floor(levelWidth(level, from) / tileWidth);
    for (let index = first; ; index += 1) {
      const tile = tileAt({ level, index }, to);
      if (tile === undefined) break;
      if (tile.width !== tileAt({ level, index }, from)?.width) found.push(tile);
    }
  }
  return found;
}

/** The entry bundles that a log of size `to` has and one of size `from` had not. */
export function newBundles(from: number, to: number): Bundle[] {
  return newTiles(from, to).flatMap(({ level, ...bundle }) => (level === 0 ? [bundle] : []));
}
