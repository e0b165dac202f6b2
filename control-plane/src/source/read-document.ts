import { createHash } from "node:crypto";
import type { KV } from "@nats-io/kv";
import { type SnapshotDocument, type SnapshotManifest, snapshotPartKey } from "@vivified/contracts";

/** Puts together the document that a manifest names. @throws Error when a part is absent or not what was signed */
export async function readDocument(manifest: SnapshotManifest, bucket: Pick<KV, "get">): Promise<SnapshotDocument> {
  const parts = await Promise.all(manifest.parts.map((sha256) => readPart(sha256, bucket)));
  const text = new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(parts));
  const document = JSON.parse(text) as SnapshotDocument; // signed by core, so its own word
  if (document.version !== 1) throw new TypeError("the snapshot is of a version that is not known here");
  return document;
}

async function readPart(sha256: string, bucket: Pick<KV, "get">): Promise<Uint8Array> {
  const entry = await bucket.get(snapshotPartKey(sha256));
  if (entry === null || entry.operation !== "PUT") throw new Error(`snapshot part ${sha256} is absent`);
  const found = createHash("sha256").update(entry.value).digest("hex");
  if (found !== sha256) throw new Error(`snapshot part ${sha256} is not what was signed`);
  return entry.value;
}
