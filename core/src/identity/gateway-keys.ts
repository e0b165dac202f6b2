import { buckets, SigningKeys } from "@vivified/contracts";
import { type BucketEntry, BucketWatch, type Logger, type NatsConnection, parseStrictJson } from "@vivified/runtime";
import type { JWK } from "jose";
import { Check } from "typebox/value";

/** Follows the bucket in which gateways publish the public keys of their call tokens. */
export class GatewayKeys implements AsyncDisposable {
  readonly #keys = new Map<string, readonly JWK[]>();
  readonly #watch: BucketWatch;

  constructor(connection: NatsConnection, logger: Logger) {
    this.#watch = new BucketWatch({
      connection,
      bucket: buckets.signingKeys,
      onEntry: (entry) => this.#take(entry),
      logger,
    });
  }

  current(): readonly JWK[] {
    return [...this.#keys.values()].flat();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]();
  }

  /** @throws TypeError for an entry that is no set of public keys; it is logged, and the others stay. */
  #take(entry: BucketEntry): void {
    this.#keys.delete(entry.key);
    if (entry.operation !== "PUT") return;
    const set: unknown = parseStrictJson(entry.string());
    if (!Check(SigningKeys, set)) throw new TypeError("not a set of call-token keys");
    this.#keys.set(entry.key, set.keys);
  }
}
