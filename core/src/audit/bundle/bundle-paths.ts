import { bundlePath, newTiles, type Tile, tileAt, tilePath, tileWidth } from "@vivified/tlog";
import type { BundleRange } from "./bundle-range.ts";

export type BundlePaths = BundleRange & {
  readonly size: number;
  /** Whether a time was asked for: then what stands next before the stretch shows that it is the time's, too. */
  readonly timed: boolean;
  /** The size of a checkpoint that was kept. */
  readonly compare?: number;
};

/**
 * The files of the log that an export needs: entries and tiles of level 0 where its records are and next behind them, to
 * which the times of these are held; every tile above, the right edge of the tree, and the edge that it had at the size that
 * is compared.
 */
export function* bundlePaths({ size, from, to, evidence, timed, compare }: BundlePaths): Generator<string> {
  const wanted = new Set(evidence.flatMap((place) => [bundleOf(place), bundleOf(place) + 1]));
  const [first, last] = timed ? neighbourhood({ from, to }) : [bundleOf(from), bundleOf(to - 1) + 1];
  if (from < to || timed) for (let index = first; index <= last; index += 1) wanted.add(index);
  const edges = new Set(compare === undefined || compare === 0 ? [] : [bundleOf(compare - 1), bundleOf(compare)]);
  const needed = ({ level, index, width }: Tile) =>
    level > 0 || width < tileWidth || wanted.has(index) || edges.has(index);
  for (const tile of newTiles(0, size)) if (needed(tile)) yield tilePath(tile);
  for (const index of [...wanted].sort((a, b) => a - b)) {
    const tile = tileAt({ level: 0, index }, size);
    if (tile !== undefined) yield bundlePath(tile);
  }
}

/** From the file of entries before that of the first place to the one behind that of the last. */
export function neighbourhood({ from, to }: Pick<BundleRange, "from" | "to">): readonly [number, number] {
  return [Math.max(0, bundleOf(from) - 1), bundleOf(Math.max(from, to - 1)) + 1];
}

const bundleOf = (place: number): number => Math.floor(place / tileWidth);
