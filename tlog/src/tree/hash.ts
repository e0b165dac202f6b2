import { hash } from "node:crypto";

/** A SHA-256 hash, 32 bytes. */
export type Hash = Uint8Array;

export const hashBytes = 32;

const leafPrefix = Buffer.from([0]);
const nodePrefix = Buffer.from([1]);

/** RFC 6962, section 2.1: the hash of one entry; text counts as UTF-8. */
export function leafHash(entry: Uint8Array | string): Hash {
  const bytes = typeof entry === "string" ? Buffer.from(entry, "utf8") : entry;
  return hash("sha256", Buffer.concat([leafPrefix, bytes]), "buffer");
}

/** RFC 6962, section 2.1: the hash of two neighbouring subtrees. */
export function nodeHash(left: Hash, right: Hash): Hash {
  return hash("sha256", Buffer.concat([nodePrefix, left, right]), "buffer");
}

/** RFC 6962, section 2.1: the root of the tree that holds nothing. */
export function emptyRoot(): Hash {
  return hash("sha256", Buffer.alloc(0), "buffer");
}

export function equalHashes(left: Hash, right: Hash): boolean {
  return Buffer.compare(left, right) === 0;
}
