import { createHash } from "node:crypto";
import type { KV } from "@nats-io/kv";
import { type SnapshotDocument, type SnapshotManifest, snapshotPartKey } from "@vivified/contracts";

/** Fetches the parts that a manifest names and puts the document together. @throws Error when one is absent or altered. */
export async function readDocument(manifest: SnapshotManifest, bucket: KV): Promise<SnapshotDocument> {
  const parts = await Promise.all(manifest.parts.map((sha256) => readPart(sha256, bucket)));
  const text = new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(parts));
  const document = JSON.parse(text) as SnapshotDocument;
  if (document.version !== 1) throw new TypeError("the snapshot is of another version");
  return document;
}

async function readPart(sha256: string, bucket: KV): Promise<Uint8Array> {
  const entry = await bucket.get(snapshotPartKey(sha256));
  if (entry === null || entry.operation !== "PUT") throw new Error(`snapshot part ${sha256} is absent`);
  if (createHash("sha256").update(entry.value).digest("hex") !== sha256) {
    throw new Error(`snapshot part ${sha256} was altered`);
  }
  return entry.value;
}
