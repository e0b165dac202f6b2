import type { KV } from "@nats-io/kv";
import { snapshotPartKey } from "@vivified/contracts";
import { hasIntactPiece } from "./has-intact-piece.ts";
import { splitPieces } from "./split-pieces.ts";

/** Stores bytes in a bucket as pieces named by their content, those that are not there yet or were altered; returns their hashes in order. */
export async function putPieces(bytes: Uint8Array, bucket: KV): Promise<readonly string[]> {
  const pieces = splitPieces(bytes);
  for (const { sha256, bytes: piece } of pieces) {
    if (!(await hasIntactPiece(sha256, bucket))) await bucket.put(snapshotPartKey(sha256), piece);
  }
  return pieces.map(({ sha256 }) => sha256);
}
