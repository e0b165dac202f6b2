import { VivifiedError } from "@vivified/runtime";
import type { Hash } from "./hash.ts";
import { type HashReader, rangeHashes } from "./read-hashes.ts";
import { type Range, splitPoint } from "./subtrees.ts";

export type Inclusion = { readonly index: number; readonly size: number };

/**
 * The audit path of the leaf `index` in the tree of `size` leaves (RFC 6962, section 2.1.1), from its sibling upwards.
 *
 * @throws VivifiedError `invalid` when the tree has no such leaf
 */
export async function inclusionProof({ index, size }: Inclusion, read: HashReader): Promise<Hash[]> {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw new VivifiedError("invalid", { detail: `a tree of ${size} has no leaf ${index}` });
  }
  return rangeHashes(path(index, { start: 0, end: size }), read);
}

/** Walks down from the root and notes the other side of every fork; the proof is read upwards. */
function path(index: number, tree: Range): Range[] {
  const siblings: Range[] = [];
  let { start, end } = tree;
  while (end - start > 1) {
    const split = start + splitPoint(end - start);
    siblings.push(index < split ? { start: split, end } : { start, end: split });
    if (index < split) end = split;
    else start = split;
  }
  return siblings.toReversed();
}
