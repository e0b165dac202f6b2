import type { KV } from "@nats-io/kv";
import { snapshotPartKey } from "@vivified/contracts";
import { presentEntry } from "./present-entry.ts";

/** Readers that were told of a piece a moment ago may still be fetching it. */
const keepUnusedMs = 60_000;

/** Removes the pieces that nobody names any more, but none that is younger than a minute. */
export async function removeUnusedPieces(used: Iterable<string>, bucket: KV, nowMs: number): Promise<void> {
  const keys = new Set([...used].map(snapshotPartKey));
  for await (const key of await bucket.keys("part.>")) {
    if (keys.has(key)) continue;
    const entry = presentEntry(await bucket.get(key));
    if (entry !== undefined && nowMs - entry.created.getTime() > keepUnusedMs) await bucket.purge(key);
  }
}
