import { createHash } from "node:crypto";
import type { KV, KvEntry } from "@nats-io/kv";
import { type SnapshotManifest, snapshotCurrentKey, snapshotPartKey } from "@vivified/contracts";

const partBytes = 512 * 1024;
/** Readers that hold the manifest before may still be fetching its parts. */
const keepUnusedPartsMs = 60_000;

/** The `current` entry, as far as writing the next one is concerned. */
export type Current = { readonly jws: string; readonly entryRevision: number };

/** The bucket that gateways and control planes follow. */
export class SnapshotBucket {
  readonly #kv: KV;

  constructor(kv: KV) {
    this.#kv = kv;
  }

  async current(): Promise<Current | undefined> {
    const entry = present(await this.#kv.get(snapshotCurrentKey));
    return entry && { jws: entry.string(), entryRevision: entry.revision };
  }

  /** Stores a document's bytes in parts named by their content; returns their hashes in order. */
  async putParts(text: string): Promise<readonly string[]> {
    const bytes = Buffer.from(text);
    const hashes: string[] = [];
    for (let from = 0; from < bytes.length; from += partBytes) {
      const part = bytes.subarray(from, from + partBytes);
      const hash = createHash("sha256").update(part).digest("hex");
      const key = snapshotPartKey(hash);
      if (present(await this.#kv.get(key)) === undefined) await this.#kv.put(key, part);
      hashes.push(hash);
    }
    return hashes;
  }

  /** Replaces `current` if it is still the entry that was read: of two writers one fails. */
  async replaceCurrent(jws: string, read: Current | undefined): Promise<Current> {
    const entryRevision =
      read === undefined
        ? await this.#kv.create(snapshotCurrentKey, jws)
        : await this.#kv.update(snapshotCurrentKey, jws, read.entryRevision);
    return { jws, entryRevision };
  }

  /** Removes parts that no manifest has named for a while. */
  async removeUnusedParts(manifest: SnapshotManifest, nowMs: number): Promise<void> {
    const used = new Set(manifest.parts.map(snapshotPartKey));
    for await (const key of await this.#kv.keys("part.>")) {
      if (used.has(key)) continue;
      const entry = present(await this.#kv.get(key));
      if (entry !== undefined && nowMs - entry.created.getTime() > keepUnusedPartsMs) await this.#kv.purge(key);
    }
  }
}

/** An entry that was not deleted. */
function present(entry: KvEntry | null): KvEntry | undefined {
  return entry?.operation === "PUT" ? entry : undefined;
}
