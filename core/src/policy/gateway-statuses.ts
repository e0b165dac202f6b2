import { buckets, GatewayPolicyStatus, policyStatusKey } from "@vivified/contracts";
import { type BucketEntry, BucketWatch, type Logger, type NatsConnection, parseStrictJson } from "@vivified/runtime";
import { Check } from "typebox/value";

/** More than any platform has gateways; whoever may write the bucket must not be able to fill core's memory. */
const mostGateways = 1_000;

/** Follows the bucket in which gateways say which policy they run. */
export class GatewayStatuses implements AsyncDisposable {
  readonly #statuses = new Map<string, { readonly status: GatewayPolicyStatus; readonly stampedAt: Date }>();
  readonly #watch: BucketWatch;

  constructor(connection: NatsConnection, logger: Logger) {
    this.#watch = new BucketWatch({
      connection,
      bucket: buckets.policyStatus,
      onEntry: (entry) => this.#take(entry),
      logger,
    });
  }

  /** By writer. */
  current(): readonly GatewayPolicyStatus[] {
    const statuses = [...this.#statuses.values()].map(({ status }) => status);
    return statuses.sort((one, other) => (one.writer < other.writer ? -1 : 1));
  }

  /** What time each said it was, and when NATS took it. */
  clocks(): readonly { readonly writer: string; readonly reportedAt: Date; readonly stampedAt: Date }[] {
    return [...this.#statuses.values()].map(({ status: { writer, reported_at }, stampedAt }) => ({
      ...{ writer, reportedAt: new Date(reported_at), stampedAt },
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]();
  }

  /** @throws TypeError for an entry that is no status; it is logged, and the others stay. */
  #take(entry: BucketEntry): void {
    this.#statuses.delete(entry.key);
    if (entry.operation !== "PUT") return;
    const status: unknown = parseStrictJson(entry.string());
    if (!Check(GatewayPolicyStatus, status) || policyStatusKey(status.writer) !== entry.key) {
      throw new TypeError("not a gateway's policy status");
    }
    this.#statuses.set(entry.key, { status, stampedAt: entry.created });
    if (this.#statuses.size > mostGateways) this.#forgetLongestSilent();
  }

  /** Whoever speaks again goes to the end. */
  #forgetLongestSilent(): void {
    const [silent] = this.#statuses.keys();
    if (silent !== undefined) this.#statuses.delete(silent);
  }
}
