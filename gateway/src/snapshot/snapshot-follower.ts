import type { KeyObject } from "node:crypto";
import type { KV } from "@nats-io/kv";
import { buckets, snapshotCurrentKey } from "@vivified/contracts";
import {
  type BucketEntry,
  BucketWatch,
  type Clock,
  type Logger,
  type NatsConnection,
  readDocument,
  VivifiedError,
  verifyManifest,
} from "@vivified/runtime";
import { compileSnapshot } from "./compile-snapshot.ts";
import type { Snapshot } from "./snapshot.ts";

export type SnapshotFollowerOptions = {
  readonly connection: NatsConnection;
  /** Core's snapshot key (Ed25519, public). */
  readonly key: KeyObject;
  readonly trustDomain: string;
  readonly clock: Clock;
  /** Whether that clock agrees with others. */
  readonly clockTrusted: () => boolean;
  readonly logger: Logger;
};

/** How far ahead of ours core's clock may be. */
const maxClockSkewMs = 60_000;

/** Keeps the last good snapshot that core published. Older ones, unsigned ones and broken ones are never taken. */
export class SnapshotFollower implements AsyncDisposable {
  readonly #options: SnapshotFollowerOptions;
  readonly #watch: BucketWatch;
  readonly #listeners = new Set<(snapshot: Snapshot) => void>();
  #current: Snapshot | undefined;
  #madeAt = new Date(0);

  constructor(options: SnapshotFollowerOptions) {
    this.#options = options;
    const { connection, logger } = options;
    const onEntry = (entry: BucketEntry, bucket: KV) => this.#take(entry, bucket);
    this.#watch = new BucketWatch({ connection, bucket: buckets.snapshot, key: snapshotCurrentKey, onEntry, logger });
  }

  /**
   * The snapshot in force. By a clock that went back a stale one would look fresh for ever.
   *
   * @throws VivifiedError `snapshot_missing`, `snapshot_stale`, `clock_skewed` 503
   */
  current(): Snapshot {
    const { clock, clockTrusted } = this.#options;
    const snapshot = this.#current;
    if (snapshot === undefined) throw new VivifiedError("snapshot_missing");
    const ageMs = clock.now().getTime() - this.#madeAt.getTime();
    if (ageMs < -maxClockSkewMs || !clockTrusted()) throw new VivifiedError("clock_skewed");
    if (ageMs > snapshot.settings.max_staleness_ms) throw new VivifiedError("snapshot_stale");
    return snapshot;
  }

  /** The last good one, however old, for the record; 0 while there is none. */
  get revision(): number {
    return this.#current?.revision ?? 0;
  }

  /** Calls back with every snapshot that comes into force, and at once with the one that is; returns how to stop. */
  onChange(listener: (snapshot: Snapshot) => void): () => void {
    this.#listeners.add(listener);
    if (this.#current !== undefined) listener(this.#current);
    return () => this.#listeners.delete(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listeners.clear();
    await this.#watch[Symbol.asyncDispose]();
  }

  async #take(entry: BucketEntry, bucket: KV): Promise<void> {
    if (entry.operation !== "PUT") throw new Error("the snapshot was deleted: the last good one stays");
    const manifest = await verifyManifest(entry.string(), this.#options.key);
    const { revision, madeAt } = manifest;
    if (revision < this.revision || madeAt < this.#madeAt) throw new Error("an older snapshot was offered");
    if (madeAt.getTime() > this.#options.clock.now().getTime() + maxClockSkewMs) {
      throw new Error("the snapshot comes from the future");
    }
    if (revision === this.#current?.revision) this.#madeAt = madeAt;
    else this.#activate(compileSnapshot(await readDocument(manifest, bucket), revision), madeAt);
  }

  #activate(snapshot: Snapshot, madeAt: Date): void {
    if (snapshot.trustDomain !== this.#options.trustDomain) throw new Error("the snapshot is another platform's");
    this.#current = snapshot;
    this.#madeAt = madeAt;
    this.#options.logger.info({ revision: snapshot.revision, plugins: snapshot.plugins.size }, "snapshot in force");
    for (const listener of this.#listeners) listener(snapshot);
  }
}
