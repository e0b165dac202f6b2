import { emptyRoot, type Hash, nodeHash } from "./hash.ts";

/** The complete subtree of `2 ** level` leaves that begins at leaf `index * 2 ** level`. */
export type Subtree = { readonly level: number; readonly index: number };

/** Leaves from `start` up to, not including, `end`. */
export type Range = { readonly start: number; readonly end: number };

/** The largest power of two that is smaller than `size`, which is at least 2 (RFC 6962, section 2.1: k). */
export function splitPoint(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

/**
 * The complete subtrees that a range of the tree is made of, left to right; `start` must be where such a range of
 * RFC 6962 can begin: a multiple of the power of two that covers the range.
 */
export function subtreesOf({ start, end }: Range): Subtree[] {
  const found: Subtree[] = [];
  for (let at = start; at < end; ) {
    let level = 0;
    while (at + 2 ** (level + 1) <= end) level += 1;
    found.push({ level, index: at / 2 ** level });
    at += 2 ** level;
  }
  return found;
}

/** The hash over neighbouring subtrees that get smaller from left to right, as {@link subtreesOf} lists them. */
export function joinSubtrees(hashes: readonly Hash[]): Hash {
  const [last, ...others] = hashes.toReversed();
  if (last === undefined) return emptyRoot();
  return others.reduce((right, left) => nodeHash(left, right), last);
}
