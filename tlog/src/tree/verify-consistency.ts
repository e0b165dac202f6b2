import type { Growth } from "./consistency-proof.ts";
import { equalHashes, type Hash, nodeHash } from "./hash.ts";

export type ConsistencyClaim = Growth & { readonly fromRoot: Hash; readonly toRoot: Hash };

/** Whether the proof shows the earlier tree inside the later (RFC 9162, section 2.1.4.2, for the hashes of RFC 6962). */
export function verifyConsistency(claim: ConsistencyClaim, proof: readonly Hash[]): boolean {
  const { from, to, fromRoot, toRoot } = claim;
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 0 || from > to) return false;
  if (from === to) return proof.length === 0 && equalHashes(fromRoot, toRoot);
  if (from === 0) return proof.length === 0;
  const path = isPowerOfTwo(from) ? [fromRoot, ...proof] : [...proof];
  return leadsToBoth(claim, path);
}

/** Climbs from the last complete subtree of the earlier tree; what lies left of it belongs to both trees. */
function leadsToBoth({ from, to, fromRoot, toRoot }: ConsistencyClaim, path: readonly Hash[]): boolean {
  const [first, ...others] = path;
  if (first === undefined) return false;
  let [at, last] = [from - 1, to - 1];
  while (at % 2 === 1) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  let [earlier, later] = [first, first];
  for (const hash of others) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      [earlier, later] = [nodeHash(hash, earlier), nodeHash(hash, later)];
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else {
      later = nodeHash(later, hash);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 && equalHashes(earlier, fromRoot) && equalHashes(later, toRoot);
}

function isPowerOfTwo(size: number): boolean {
  let rest = size;
  while (rest % 2 === 0) rest /= 2;
  return rest === 1;
}
