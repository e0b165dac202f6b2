import type { Hash } from "./hash.ts";
import { joinSubtrees, type Range, type Subtree, subtreesOf } from "./subtrees.ts";

/** Gives the hash of every subtree it is asked for, in the order asked. */
export type HashReader = (subtrees: readonly Subtree[]) => Promise<readonly Hash[]>;

/** The hash over each range, all read with one call of the reader. */
export async function rangeHashes(ranges: readonly Range[], read: HashReader): Promise<Hash[]> {
  const parts = ranges.map(subtreesOf);
  const hashes = await read(parts.flat());
  let at = 0;
  return parts.map(({ length }) => {
    at += length;
    return joinSubtrees(hashes.slice(at - length, at));
  });
}

/** The root of the first `size` leaves. */
export async function rootAt(size: number, read: HashReader): Promise<Hash> {
  const [root] = await rangeHashes([{ start: 0, end: size }], read);
  return root ?? joinSubtrees([]);
}
