import type { KeyObject } from "node:crypto";
import type { KV } from "@nats-io/kv";
import { buckets, type SnapshotDocument, snapshotCurrentKey } from "@vivified/contracts";
import {
  type BucketEntry,
  BucketWatch,
  type BucketWatchOptions,
  type Logger,
  readDocument,
  verifyManifest,
} from "@vivified/runtime";

export type Snapshot = { readonly revision: number; readonly document: SnapshotDocument };

export type SnapshotSourceOptions = Pick<BucketWatchOptions, "connection"> & {
  /** Core's public key. */
  readonly key: KeyObject;
  readonly trustDomain: string;
  readonly logger: Logger;
};

/**
 * Follows what core publishes. The last good snapshot stays for as long as it takes: Envoys keep their configuration
 * while core is away. What is not signed, older, or another platform's is logged and changes nothing.
 */
export class SnapshotSource implements AsyncDisposable {
  readonly #options: SnapshotSourceOptions;
  readonly #watch: BucketWatch;
  readonly #listeners = new Set<(snapshot: Snapshot) => void>();
  #current: Snapshot | undefined;

  constructor(options: SnapshotSourceOptions) {
    this.#options = options;
    const { connection, logger } = options;
    const onEntry = (entry: BucketEntry, bucket: KV) => this.#take(entry, bucket);
    this.#watch = new BucketWatch({ connection, bucket: buckets.snapshot, key: snapshotCurrentKey, onEntry, logger });
  }

  current(): Snapshot | undefined {
    return this.#current;
  }

  /** Calls back with every snapshot that comes into force. */
  onChange(listener: (snapshot: Snapshot) => void): void {
    this.#listeners.add(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listeners.clear();
    await this.#watch[Symbol.asyncDispose]();
  }

  /** Core signs the same revision again every few seconds, so that staleness can be told; here nothing is stale. */
  async #take(entry: BucketEntry, bucket: KV): Promise<void> {
    if (entry.operation !== "PUT") throw new Error("the snapshot was deleted");
    const manifest = await verifyManifest(entry.string(), this.#options.key);
    const { revision } = manifest;
    const before = this.#current?.revision ?? -1;
    if (revision === before) return;
    if (revision < before) throw new Error(`revision ${revision} is older than ${before}`);
    const document = await readDocument(manifest, bucket);
    if (document.trust_domain !== this.#options.trustDomain) throw new Error("the snapshot is another platform's");
    this.#current = { revision, document };
    this.#options.logger.info({ revision, plugins: document.plugins.length }, "snapshot in force");
    for (const listener of this.#listeners) listener(this.#current);
  }
}
