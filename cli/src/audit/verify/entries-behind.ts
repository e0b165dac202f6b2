import { tileWidth } from "@vivified/tlog";
import type { EntryAt } from "./log-entries.ts";
import { soundBundle } from "./sound-bundle.ts";
import type { TileFiles } from "./verify-tiles.ts";

/**
 * Gives the next entries of the log behind a place, 255 at most: the rest of its bundle, and what it takes of the one
 * behind. Empty at the end of the log; undefined when the export lacks one of them, or has another than the tree. Asked in
 * the order of the log, it reads every bundle once.
 */
export function entriesBehind(size: number, files: TileFiles) {
  const read = new Map<number, Promise<readonly EntryAt[] | undefined>>();
  const bundle = (at: number) => {
    const entries = read.get(at) ?? soundBundle(at, size, files);
    for (const before of read.keys()) if (before < at - 1) read.delete(before);
    read.set(at, entries);
    return entries;
  };
  return async (index: number): Promise<readonly EntryAt[] | undefined> => {
    const to = Math.min(size, index + tileWidth);
    if (to === index + 1) return [];
    const [own, next] = [bundleOf(index + 1), bundleOf(to - 1)];
    const found = [await bundle(own), next === own ? [] : await bundle(next)];
    if (found.includes(undefined)) return undefined;
    return found.flatMap((entries) => entries ?? []).filter((entry) => entry.index > index && entry.index < to);
  };
}

const bundleOf = (index: number): number => Math.floor(index / tileWidth);
