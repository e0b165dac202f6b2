import type { KV } from "@nats-io/kv";
import { type SnapshotDocument, type SnapshotManifest, snapshotCurrentKey } from "@vivified/contracts";
import { presentEntry, putPieces, readDocument, removeUnusedPieces } from "@vivified/runtime";

/** The `current` entry, as far as writing the next one is concerned. */
export type Current = { readonly jws: string; readonly entryRevision: number };

/** The bucket that gateways and control planes follow. */
export class SnapshotBucket {
  readonly #kv: KV;

  constructor(kv: KV) {
    this.#kv = kv;
  }

  async current(): Promise<Current | undefined> {
    const entry = presentEntry(await this.#kv.get(snapshotCurrentKey));
    return entry && { jws: entry.string(), entryRevision: entry.revision };
  }

  /** Stores a document in parts named by their content; returns their hashes in order. */
  putParts(text: string): Promise<readonly string[]> {
    return putPieces(Buffer.from(text), this.#kv);
  }

  /** The document of a manifest, as long as its parts are there. */
  document(manifest: SnapshotManifest): Promise<SnapshotDocument | undefined> {
    return readDocument(manifest, this.#kv).catch(() => undefined);
  }

  /** Replaces `current` if it is still the entry that was read: of two writers one fails. */
  async replaceCurrent(jws: string, read: Current | undefined): Promise<Current> {
    const entryRevision =
      read === undefined
        ? await this.#kv.create(snapshotCurrentKey, jws)
        : await this.#kv.update(snapshotCurrentKey, jws, read.entryRevision);
    return { jws, entryRevision };
  }

  /** Removes parts that the manifest does not name. */
  removeUnusedParts(manifest: SnapshotManifest, nowMs: number): Promise<void> {
    return removeUnusedPieces(manifest.parts, this.#kv, nowMs);
  }
}
