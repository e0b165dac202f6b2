import type { KV, KvEntry } from "@nats-io/kv";
import { SigningKeys, signingKeysKey } from "@vivified/contracts";
import { BucketWatch, type Logger, type NatsConnection, parseStrictJson } from "@vivified/runtime";
import type { JWK } from "jose";
import { Check } from "typebox/value";

export type KeyDirectoryOptions = {
  readonly connection: NatsConnection;
  readonly open: () => Promise<KV>;
  readonly writer: string;
  readonly own: JWK;
  readonly logger: Logger;
};

/**
 * The public call-token keys of every gateway: a plugin may ask any of them for the key of a token that another one
 * signed. Publishes the own key and follows the others'.
 */
export class KeyDirectory implements AsyncDisposable {
  readonly #keys = new Map<string, readonly JWK[]>();
  readonly #ownKey: string;
  readonly #watch: BucketWatch;

  constructor(options: KeyDirectoryOptions) {
    this.#ownKey = signingKeysKey(options.writer);
    this.#keys.set(this.#ownKey, [options.own]);
    this.#watch = new BucketWatch({ ...options, onEntry: (entry) => this.#take(entry) });
  }

  /** Puts the own key where the other gateways find it. Rejects while NATS is away. */
  static async publish({ open, writer, own }: KeyDirectoryOptions): Promise<void> {
    const bucket = await open();
    await bucket.put(signingKeysKey(writer), JSON.stringify({ keys: [own] }));
  }

  /** A JWK set (RFC 7517 §5). */
  jwks(): { keys: readonly JWK[] } {
    return { keys: [...this.#keys.values()].flat() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]();
  }

  #take(entry: KvEntry): void {
    if (entry.key === this.#ownKey) return;
    if (entry.operation !== "PUT") this.#keys.delete(entry.key);
    else this.#keys.set(entry.key, keysOf(entry).keys);
  }
}

function keysOf(entry: KvEntry): SigningKeys {
  const set: unknown = parseStrictJson(entry.string());
  if (!Check(SigningKeys, set)) throw new TypeError("not a set of call-token keys");
  return set;
}
