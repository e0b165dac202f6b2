import { emptyRoot, type Hash, leafHash, nodeHash } from "./hash.ts";
import { splitPoint } from "./subtrees.ts";

type Entries = readonly Uint8Array[];

/** MTH of RFC 6962, section 2.1, word for word: slow, and easy to see right. */
export function treeHash(entries: Entries): Hash {
  const [first] = entries;
  if (first === undefined) return emptyRoot();
  if (entries.length === 1) return leafHash(first);
  const split = splitPoint(entries.length);
  return nodeHash(treeHash(entries.slice(0, split)), treeHash(entries.slice(split)));
}

/** PATH of RFC 6962, section 2.1.1. */
export function auditPath(index: number, entries: Entries): Hash[] {
  if (entries.length === 1) return [];
  const split = splitPoint(entries.length);
  const [left, right] = [entries.slice(0, split), entries.slice(split)];
  return index < split
    ? [...auditPath(index, left), treeHash(right)]
    : [...auditPath(index - split, right), treeHash(left)];
}

/** SUBPROOF of RFC 6962, section 2.1.2; `whole` is the RFC's b. */
export function subproof(from: number, entries: Entries, whole = true): Hash[] {
  if (from === entries.length) return whole ? [] : [treeHash(entries)];
  const split = splitPoint(entries.length);
  const [left, right] = [entries.slice(0, split), entries.slice(split)];
  return from <= split
    ? [...subproof(from, left, whole), treeHash(right)]
    : [...subproof(from - split, right, false), treeHash(left)];
}
