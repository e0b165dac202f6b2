import { setTimeout as delay } from "node:timers/promises";
import type { KV, KvEntry } from "@nats-io/kv";
import type { Logger, NatsConnection } from "@vivified/runtime";

export type WatchedKeyOptions = {
  readonly connection: NatsConnection;
  readonly open: () => Promise<KV>;
  readonly key: string;
  /** Called for what is there and for every change, one after the other; what it throws is logged. */
  readonly onEntry: (entry: KvEntry, bucket: KV) => Promise<void>;
  readonly logger: Logger;
};

const pauseMs = 250;

/** One key of a bucket, followed over reconnections and restarts of the server until it is disposed of. */
export class WatchedKey implements AsyncDisposable {
  readonly #options: WatchedKeyOptions;
  readonly #closing = new AbortController();
  readonly #done: Promise<void>;
  #stop: () => void = () => undefined;

  constructor(options: WatchedKeyOptions) {
    this.#options = options;
    this.#done = this.#run();
    void this.#startOverOnReconnect();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#stop();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    const { logger, key } = this.#options;
    while (!signal.aborted) {
      await this.#follow().catch((error: unknown) => logger.warn({ err: error, key }, "bucket cannot be followed"));
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #follow(): Promise<void> {
    const { open, key } = this.#options;
    const bucket = await open();
    const entries = await bucket.watch({ key });
    this.#stop = () => entries.stop();
    if (this.#closing.signal.aborted) this.#stop();
    for await (const entry of entries) await this.#take(entry, bucket);
  }

  async #take(entry: KvEntry, bucket: KV): Promise<void> {
    const { onEntry, logger, key } = this.#options;
    await onEntry(entry, bucket).catch((error: unknown) => logger.error({ err: error, key }, "bucket entry refused"));
  }

  /** A server that was restarted has forgotten the watch, and the client does not notice. */
  async #startOverOnReconnect(): Promise<void> {
    for await (const { type } of this.#options.connection.status()) {
      if (this.#closing.signal.aborted) return;
      if (type === "reconnect") this.#stop();
    }
  }
}
