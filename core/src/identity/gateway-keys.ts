import { setTimeout as sleep } from "node:timers/promises";
import { Kvm } from "@nats-io/kv";
import { buckets, isJsonObject, type JsonValue } from "@vivified/contracts";
import type { Logger, NatsConnection } from "@vivified/runtime";
import type { JWK } from "jose";

const retryMs = 2_000;

/** Follows the bucket in which gateways publish the public keys of their call tokens. */
export class GatewayKeys implements AsyncDisposable {
  readonly #keys = new Map<string, readonly JWK[]>();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #end: () => void = () => undefined;

  constructor(nats: NatsConnection, logger: Logger) {
    this.#running = this.#run(nats, logger);
  }

  current(): readonly JWK[] {
    return [...this.#keys.values()].flat();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#end();
    await this.#running;
  }

  async #run(nats: NatsConnection, logger: Logger): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#follow(nats).catch((error: unknown) =>
        logger.warn({ err: error }, "signing keys cannot be followed"),
      );
      await sleep(retryMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    }
  }

  async #follow(nats: NatsConnection): Promise<void> {
    const bucket = await new Kvm(nats).open(buckets.signingKeys);
    const watch = await bucket.watch();
    this.#end = () => watch.stop();
    if (this.#stop.signal.aborted) return;
    for await (const entry of watch) {
      if (entry.operation === "PUT") this.#keys.set(entry.key, publicKeys(entry.json<JsonValue>()));
      else this.#keys.delete(entry.key);
    }
  }
}

/** The public members of the keys in a JWK or JWK set; anything else of an entry is left out. */
function publicKeys(value: JsonValue): readonly JWK[] {
  const set = isJsonObject(value) && Array.isArray(value.keys) ? value.keys : [value];
  return set.filter(isJsonObject).flatMap((key) => {
    const { kty, crv, x, y, kid } = key;
    if (typeof kty !== "string" || typeof crv !== "string" || typeof x !== "string" || typeof kid !== "string")
      return [];
    const alg = crv === "Ed25519" ? "EdDSA" : "ES256";
    return [{ kty, crv, x, ...(typeof y === "string" && { y }), kid, alg, use: "sig" }];
  });
}
