import { VivifiedError } from "@vivified/runtime";
import type { Hash } from "./hash.ts";
import { type HashReader, rangeHashes } from "./read-hashes.ts";
import { type Range, splitPoint } from "./subtrees.ts";

/** Two sizes of one log, the earlier first. */
export type Growth = { readonly from: number; readonly to: number };

/**
 * Shows that the tree of `from` leaves is the beginning of the tree of `to` leaves (RFC 6962, section 2.1.2). Empty when
 * the sizes are equal or the earlier tree is empty, as tlog-witness has it.
 *
 * @throws VivifiedError `invalid` when the later tree is the smaller one
 */
export async function consistencyProof({ from, to }: Growth, read: HashReader): Promise<Hash[]> {
  if (!Number.isSafeInteger(from) || from < 0 || from > to) {
    throw new VivifiedError("invalid", { detail: `a log does not grow from ${from} to ${to}` });
  }
  return from === 0 || from === to ? [] : rangeHashes(proofRanges(from, to), read);
}

/** SUBPROOF of the RFC, walked down: the other side of every fork, and at the end the part both trees have. */
function proofRanges(from: number, to: number): Range[] {
  const ranges: Range[] = [];
  let [start, end, whole] = [0, to, true];
  while (from !== end) {
    const split = start + splitPoint(end - start);
    ranges.push(from <= split ? { start: split, end } : { start, end: split });
    if (from <= split) end = split;
    else [start, whole] = [split, false];
  }
  if (!whole) ranges.push({ start, end });
  return ranges.toReversed();
}
