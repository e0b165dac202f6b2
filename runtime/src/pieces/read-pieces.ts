import { createHash } from "node:crypto";
import type { KV } from "@nats-io/kv";
import { snapshotPartKey } from "@vivified/contracts";
import { presentEntry } from "./present-entry.ts";

/** A piece that somebody names is not in the bucket: it may still come, or it was named too long ago. */
export class AbsentPiece extends Error {
  override readonly name = "AbsentPiece";
}

/**
 * Fetches pieces and puts them together, each checked against the hash that names it.
 *
 * @throws AbsentPiece when one is not there; Error when one was altered
 */
export async function readPieces(hashes: readonly string[], bucket: KV): Promise<Buffer> {
  return Buffer.concat(await Promise.all(hashes.map((sha256) => readPiece(sha256, bucket))));
}

async function readPiece(sha256: string, bucket: KV): Promise<Uint8Array> {
  const entry = presentEntry(await bucket.get(snapshotPartKey(sha256)));
  if (entry === undefined) throw new AbsentPiece(`piece ${sha256} is absent`);
  if (createHash("sha256").update(entry.value).digest("hex") !== sha256) {
    throw new Error(`piece ${sha256} was altered`);
  }
  return entry.value;
}
