import type { KV } from "@nats-io/kv";
import type { SnapshotDocument, SnapshotManifest } from "@vivified/contracts";
import { readPieces } from "../pieces/read-pieces.ts";

/** Fetches the parts that a manifest names and puts the document together. @throws Error when one is absent or altered. */
export async function readDocument(manifest: SnapshotManifest, bucket: KV): Promise<SnapshotDocument> {
  const text = new TextDecoder("utf-8", { fatal: true }).decode(await readPieces(manifest.parts, bucket));
  const document = JSON.parse(text) as SnapshotDocument;
  if (document.version !== 1) throw new TypeError("the snapshot is of another version");
  return document;
}
