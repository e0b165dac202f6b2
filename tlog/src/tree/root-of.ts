import { emptyRoot, type Hash, nodeHash } from "./hash.ts";

/** The root over leaf hashes (RFC 6962, section 2.1), or over the hashes of equally large complete subtrees. */
export function rootOf(hashes: readonly Hash[]): Hash {
  let row: Hash[] = [...hashes];
  while (row.length > 1) row = pairUp(row);
  return row[0] ?? emptyRoot();
}

/** A hash without a right neighbour moves up as it is: it is the root of everything right of the last full subtree. */
function pairUp(row: readonly Hash[]): Hash[] {
  const above: Hash[] = [];
  for (let at = 0; at < row.length; at += 2) {
    const [left, right] = [row[at], row[at + 1]];
    if (left !== undefined) above.push(right === undefined ? left : nodeHash(left, right));
  }
  return above;
}
