import { equalHashes, type Hash, nodeHash } from "./hash.ts";
import type { Inclusion } from "./inclusion-proof.ts";

export type InclusionClaim = Inclusion & { readonly leaf: Hash; readonly root: Hash };

/** Whether the proof leads from the leaf to the root (RFC 9162, section 2.1.3.2, for the hashes of RFC 6962). */
export function verifyInclusion({ index, size, leaf, root }: InclusionClaim, proof: readonly Hash[]): boolean {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  let [at, last, hash] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(sibling, hash);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 && equalHashes(hash, root);
}
