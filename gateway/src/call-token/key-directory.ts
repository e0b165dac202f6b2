import type { KV, KvEntry } from "@nats-io/kv";
import { type Logger, type NatsConnection, parseStrictJson } from "@vivified/runtime";
import type { JWK } from "jose";
import { type Static, Type } from "typebox";
import { Check } from "typebox/value";
import { BucketWatch } from "../snapshot/bucket-watch.ts";

export type KeyDirectoryOptions = {
  readonly connection: NatsConnection;
  readonly open: () => Promise<KV>;
  readonly writer: string;
  readonly own: JWK;
  readonly logger: Logger;
};

const PublicKeys = Type.Object({
  keys: Type.Array(
    Type.Object(
      {
        kty: Type.Literal("OKP"),
        crv: Type.Literal("Ed25519"),
        x: Type.String(),
        kid: Type.String(),
        alg: Type.Literal("EdDSA"),
        use: Type.Literal("sig"),
      },
      { additionalProperties: false },
    ),
  ),
});

/**
 * The public call-token keys of every gateway: a plugin may ask any of them for the key of a token that another one
 * signed. Publishes the own key and follows the others'.
 */
export class KeyDirectory implements AsyncDisposable {
  readonly #keys = new Map<string, readonly JWK[]>();
  readonly #ownKey: string;
  readonly #watch: BucketWatch;

  constructor(options: KeyDirectoryOptions) {
    this.#ownKey = `gateway.${options.writer}`;
    this.#keys.set(this.#ownKey, [options.own]);
    this.#watch = new BucketWatch({ ...options, onEntry: (entry) => this.#take(entry) });
  }

  /** Puts the own key where the other gateways find it. Rejects while NATS is away. */
  static async publish({ open, writer, own }: KeyDirectoryOptions): Promise<void> {
    const bucket = await open();
    await bucket.put(`gateway.${writer}`, JSON.stringify({ keys: [own] }));
  }

  /** A JWK set (RFC 7517 §5). */
  jwks(): { keys: readonly JWK[] } {
    return { keys: [...this.#keys.values()].flat() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]();
  }

  #take(entry: KvEntry): void {
    if (entry.key === this.#ownKey || !entry.key.startsWith("gateway.")) return;
    if (entry.operation !== "PUT") this.#keys.delete(entry.key);
    else this.#keys.set(entry.key, keysOf(entry).keys);
  }
}

function keysOf(entry: KvEntry): Static<typeof PublicKeys> {
  const set: unknown = parseStrictJson(entry.string());
  if (!isKeySet(set)) throw new TypeError("not a set of call-token keys");
  return set;
}

function isKeySet(value: unknown): value is Static<typeof PublicKeys> {
  return Check(PublicKeys, value);
}
