import { setTimeout as sleep } from "node:timers/promises";
import type { KV, KvEntry } from "@nats-io/kv";
import { SigningKeys, signingKeysKey } from "@vivified/contracts";
import { type Logger, strictJsonOf } from "@vivified/runtime";
import type { JWK } from "jose";
import { Check } from "typebox/value";

const longestReadMs = 2_000;
/** Others' keys in an answer, at most, which is less than 64 KiB. Those of gateways that are long gone fall out first. */
const mostOthers = 256;
/** Entries that are in memory at once: each may be as large as a message. */
const readsAtOnce = 16;
/** A set of keys as a gateway writes it is a quarter of this. */
const largestSet = { maxBytes: 1_024, maxDepth: 4 };

export type KeyDirectoryOptions = {
  readonly open: () => Promise<KV>;
  /** The keys that the bucket has. */
  readonly list: () => Promise<readonly string[]>;
  readonly writer: string;
  readonly own: JWK;
  readonly logger: Logger;
};

/** A JWK set (RFC 7517 §5). */
export type JwkSet = { readonly keys: readonly JWK[] };

/**
 * The public call-token keys of every gateway: a plugin may ask any of them for the key of a token that another one
 * signed. A gateway publishes its key before it signs, and each answer is read from the bucket after it was asked for, so
 * that a key which a plugin has seen is always in it.
 */
export class KeyDirectory {
  readonly #options: KeyDirectoryOptions;
  #known: JwkSet;
  #reading: Promise<JwkSet>;
  #next: Promise<JwkSet> | undefined;

  constructor(options: KeyDirectoryOptions) {
    this.#options = options;
    this.#known = { keys: [options.own] };
    this.#reading = Promise.resolve(this.#known);
  }

  /** Puts the own key where the other gateways find it. Rejects while NATS is away. */
  async publish(): Promise<void> {
    const { open, writer, own } = this.#options;
    const bucket = await open();
    await bucket.put(signingKeysKey(writer), JSON.stringify({ keys: [own] }));
  }

  /** What the bucket has now; what it had when it was last read, while NATS is away. Many askers share one reading. */
  jwks(): Promise<JwkSet> {
    this.#next ??= this.#reading.then(() => {
      this.#next = undefined;
      this.#reading = this.#read();
      return this.#reading;
    });
    return this.#next;
  }

  async #read(): Promise<JwkSet> {
    try {
      const others = await inTime(this.#options.open().then((bucket) => this.#othersIn(bucket)));
      this.#known = { keys: [this.#options.own, ...others] };
    } catch (error) {
      this.#options.logger.warn({ err: error }, "call-token keys cannot be read");
    }
    return this.#known;
  }

  /** The newest keys first, and no more than fit. */
  async #othersIn(bucket: KV): Promise<readonly JWK[]> {
    const own = signingKeysKey(this.#options.writer);
    const names = (await this.#options.list()).filter((name) => name !== own);
    const sets: { readonly revision: number; readonly keys: readonly JWK[] }[] = [];
    for (let from = 0; from < names.length; from += readsAtOnce) {
      const some = names.slice(from, from + readsAtOnce);
      const read = await Promise.all(some.map(async (name) => this.#setIn(name, await bucket.get(name))));
      sets.push(...read);
    }
    const newest = sets.toSorted((one, other) => other.revision - one.revision);
    return newest.flatMap(({ keys }) => keys).slice(0, mostOthers);
  }

  /** A broken entry, or one larger than any gateway writes, is left out: it costs the tokens of one gateway, not those of all. */
  #setIn(name: string, entry: KvEntry | null): { readonly revision: number; readonly keys: readonly JWK[] } {
    if (entry === null || entry.operation !== "PUT") return { revision: 0, keys: [] };
    const { revision } = entry;
    const set = strictJsonOf(entry.string(), largestSet);
    if (Check(SigningKeys, set)) return { revision, keys: set.keys };
    this.#options.logger.error({ key: name }, "not a set of call-token keys");
    return { revision, keys: [] };
  }
}

/** What NATS does not answer in time would keep everybody waiting who asks later. */
async function inTime<T>(reading: Promise<T>): Promise<T> {
  const done = new AbortController();
  const late = sleep(longestReadMs, undefined, { signal: done.signal }).then(() => {
    throw new Error("the bucket does not answer");
  });
  late.catch(() => undefined);
  return Promise.race([reading, late]).finally(() => done.abort());
}
