import { createHash } from "node:crypto";
import type { KV } from "@nats-io/kv";
import { snapshotPartKey } from "@vivified/contracts";
import { presentEntry } from "./present-entry.ts";

/** Whether a piece is in the bucket and is what its name says; one that somebody altered is as good as absent. */
export async function hasIntactPiece(sha256: string, bucket: KV): Promise<boolean> {
  const entry = presentEntry(await bucket.get(snapshotPartKey(sha256)));
  return entry !== undefined && createHash("sha256").update(entry.value).digest("hex") === sha256;
}
