import type { KV } from "@nats-io/kv";
import { snapshotPartKey } from "@vivified/contracts";
import { presentEntry } from "./present-entry.ts";
import { splitPieces } from "./split-pieces.ts";

/** Stores bytes in a bucket as pieces named by their content, those that are not there yet; returns their hashes in order. */
export async function putPieces(bytes: Uint8Array, bucket: KV): Promise<readonly string[]> {
  const pieces = splitPieces(bytes);
  for (const { sha256, bytes: piece } of pieces) {
    const key = snapshotPartKey(sha256);
    if (presentEntry(await bucket.get(key)) === undefined) await bucket.put(key, piece);
  }
  return pieces.map(({ sha256 }) => sha256);
}
