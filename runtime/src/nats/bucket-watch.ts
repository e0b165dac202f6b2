import { setTimeout as delay } from "node:timers/promises";
import { type KV, type KvEntry, Kvm } from "@nats-io/kv";
import { bucketChangeSubject, type FollowedBucket } from "@vivified/contracts";
import { Wakeable } from "../process/wakeable.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { NatsConnection } from "./connect-nats.ts";
import { listBucket } from "./list-bucket.ts";

/** An entry as it is now. One that is not there any more has the operation `DEL` or `PURGE`, and no text. */
export type BucketEntry = Pick<KvEntry, "bucket" | "key" | "operation" | "created" | "string">;

export type BucketWatchOptions = {
  readonly connection: NatsConnection;
  readonly bucket: FollowedBucket;
  readonly key?: string;
  /** Called for every entry that is there, and for every change. What it throws is logged, and the watch goes on. */
  readonly onEntry: (entry: BucketEntry, bucket: KV) => Promise<void> | void;
  readonly logger: Logger;
};

const retryMs = 250;
/** A change of which nothing was heard is found so late, at most. */
const relistMs = 5_000;
const readsAtOnce = 16;
const graceMs = 1_000;
/** What the client takes for a key; it throws at any other, and no reader of ours would know it. */
const isKey = (key: string): boolean => /^[-/=.\w]+$/.test(key);

/**
 * More than an entry of ours has: the client reads headers in a time that grows with the square of their number, and whoever
 * may write one entry must not make its readers stand still.
 */
const mostHeaderCharacters = 1_024;

/** As the server told them, unread. */
const headerCharacters = (entry: KvEntry): number =>
  (entry as { readonly sm?: { readonly smr?: { readonly message: { readonly hdrs?: string } } } }).sm?.smr?.message.hdrs
    ?.length ?? 0;

/**
 * Follows a NATS key-value bucket for as long as it is open, over reconnects and restarts of the server. It has no consumer,
 * since who may make one may have it deliver anywhere (decision 0148): what the server says of each entry that
 * it stored is that there is something new, and what there is, is read from the stream's leader.
 */
export class BucketWatch implements AsyncDisposable {
  readonly #options: BucketWatchOptions;
  readonly #closing = new AbortController();
  readonly #news = new Wakeable();
  /** Keys to be read, and the revision of each that was told. */
  readonly #pending = new Set<string>();
  readonly #told = new Map<string, number>();
  #listed = false;
  /** When the bucket was made: the same revisions of another one are other entries. */
  #created: string | undefined;
  readonly #running: Promise<void>;

  constructor(options: BucketWatchOptions) {
    this.#options = options;
    this.#running = this.#run();
    void this.#relistOnReconnect();
  }

  /** Waits a moment for what is being read; a server that does not answer holds nobody up. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#news.wake();
    const done = new AbortController();
    const late = delay(graceMs, undefined, { signal: done.signal }).catch(() => {});
    await Promise.race([this.#running, late]);
    done.abort();
  }

  async #run(): Promise<void> {
    const { bucket, logger } = this.#options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.#follow().catch((error) => logger.debug({ err: error, bucket }, "bucket cannot be watched"));
      await delay(retryMs, undefined, { signal }).catch(() => {});
    }
  }

  async #follow(): Promise<void> {
    const { connection, bucket, key = ">" } = this.#options;
    const heard = connection.subscribe(bucketChangeSubject(bucket, key), {
      callback: (error, { subject }) => this.#hear(error, subject),
    });
    try {
      this.#listed = false;
      await this.#readOn();
    } finally {
      heard.unsubscribe();
    }
  }

  #hear(error: Error | null, subject: string): void {
    const { bucket, logger } = this.#options;
    if (error !== null) logger.warn({ err: error, bucket }, "changes of the bucket cannot be heard");
    else this.#ask(subject.slice(bucketChangeSubject(bucket, "").length));
    this.#news.wake();
  }

  #ask(key: string): void {
    if (isKey(key)) this.#pending.add(key);
  }

  async #readOn(): Promise<void> {
    const { connection, bucket: name } = this.#options;
    const bucket = await new Kvm(connection).open(name);
    while (!this.#closing.signal.aborted) {
      if (!this.#listed) await this.#list();
      await this.#readPending(bucket);
      if (this.#pending.size === 0 && this.#listed && !(await this.#news.within(relistMs))) this.#listed = false;
    }
  }

  /** Everything that is there may be new, and what was there may be gone. The subscription stands before it is asked. */
  async #list(): Promise<void> {
    const { connection, bucket, key } = this.#options;
    await connection.flush();
    this.#listed = true;
    if (key !== undefined) return void this.#pending.add(key);
    const { keys, created, lastRevision, entries } = await listBucket(connection, bucket);
    const known = [...this.#told.keys()];
    if (created !== this.#created) for (const key of known) this.#told.set(key, -1);
    this.#created = created;
    const newest = known.reduce((most, key) => Math.max(most, this.#told.get(key) ?? 0), 0);
    if (known.length === entries && newest === lastRevision) return;
    for (const key of [...keys, ...known]) this.#ask(key);
  }

  async #readPending(bucket: KV): Promise<void> {
    const keys = [...this.#pending];
    for (let from = 0; from < keys.length; from += readsAtOnce) {
      const some = keys.slice(from, from + readsAtOnce);
      for (const key of some) this.#pending.delete(key);
      const entries = await Promise.all(some.map((key) => this.#read(key, bucket)));
      for (const entry of entries) await this.#tell(entry, bucket);
    }
  }

  async #read(key: string, bucket: KV): Promise<BucketEntry & { readonly revision: number }> {
    const entry = await bucket.get(key);
    if (entry === null) return this.#gone(key);
    return headerCharacters(entry) > mostHeaderCharacters ? { ...this.#gone(key), revision: entry.revision } : entry;
  }

  #gone(key: string): BucketEntry & { readonly revision: number } {
    return {
      ...{ bucket: this.#options.bucket, key, operation: "DEL", revision: 0 },
      ...{ created: new Date(0), string: () => "" },
    };
  }

  /** The revision is another one after every write; after the bucket was made anew it may be a lower one. */
  async #tell(entry: BucketEntry & { readonly revision: number }, bucket: KV): Promise<void> {
    const { key, revision } = entry;
    if (this.#closing.signal.aborted) return;
    if ((this.#told.get(key) ?? 0) === revision) return;
    if (revision === 0) this.#told.delete(key);
    else this.#told.set(key, revision);
    try {
      await this.#options.onEntry(entry, bucket);
    } catch (error) {
      this.#options.logger.error({ err: error, bucket: entry.bucket, key }, "bucket entry refused");
    }
  }

  /** While it was away, anything may have happened. */
  async #relistOnReconnect(): Promise<void> {
    for await (const { type } of this.#options.connection.status()) {
      if (this.#closing.signal.aborted) return;
      if (type !== "reconnect") continue;
      this.#listed = false;
      this.#news.wake();
    }
  }
}
