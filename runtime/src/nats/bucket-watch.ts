import { setTimeout as delay } from "node:timers/promises";
import type { KV, KvWatchEntry } from "@nats-io/kv";
import type { Logger } from "../telemetry/logger.ts";
import type { NatsConnection } from "./connect-nats.ts";

export type BucketWatchOptions = {
  readonly connection: NatsConnection;
  /** Opens the bucket; asked again after every failure. */
  readonly open: () => Promise<KV>;
  readonly key?: string;
  /** Called for every entry that is there and every change, in order. What it throws is logged, and the watch goes on. */
  readonly onEntry: (entry: KvWatchEntry, bucket: KV) => Promise<void> | void;
  readonly logger: Logger;
};

const retryMs = 250;

/** Follows a NATS key-value bucket for as long as it is open, over reconnects and restarts of the server. */
export class BucketWatch implements AsyncDisposable {
  readonly #options: BucketWatchOptions;
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  #stopWatching: () => void = () => {};

  constructor(options: BucketWatchOptions) {
    this.#options = options;
    this.#running = this.#run();
    void this.#rewatchOnReconnect();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#stopWatching();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.#watch().catch((error) => this.#options.logger.debug({ err: error }, "bucket cannot be watched"));
      await delay(retryMs, undefined, { signal }).catch(() => {});
    }
  }

  async #watch(): Promise<void> {
    const bucket = await this.#options.open();
    const { key } = this.#options;
    const entries = await bucket.watch(key === undefined ? {} : { key });
    this.#stopWatching = () => entries.stop();
    if (this.#closing.signal.aborted) entries.stop();
    for await (const entry of entries) await this.#take(entry, bucket);
  }

  async #take(entry: KvWatchEntry, bucket: KV): Promise<void> {
    try {
      await this.#options.onEntry(entry, bucket);
    } catch (error) {
      this.#options.logger.error({ err: error, bucket: entry.bucket, key: entry.key }, "bucket entry refused");
    }
  }

  /** A server that was restarted has forgotten our watch: a new one begins with everything that is there. */
  async #rewatchOnReconnect(): Promise<void> {
    for await (const { type } of this.#options.connection.status()) {
      if (this.#closing.signal.aborted) return;
      if (type === "reconnect") this.#stopWatching();
    }
  }
}
