import { setTimeout as delay } from "node:timers/promises";
import type { KV } from "@nats-io/kv";
import type { SnapshotPolicy } from "@vivified/contracts";
import { type BundleKeys, HeldPdp, openPdp, type Pdp, type PdpOptions } from "@vivified/pdp";
import { type Clock, type Logger, VivifiedError } from "@vivified/runtime";
import { fetchBundle } from "./fetch-bundle.ts";
import { type PolicyRefusal, refusalOf } from "./policy-refusal.ts";

export type PolicyFollowerOptions = {
  /** Opens the bucket that holds bundles in pieces. */
  readonly open: () => Promise<KV>;
  /** Whose bundles are believed. */
  readonly keys: BundleKeys;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onFailure?: PdpOptions["onFailure"];
};

/** The activation in force here. `tookMs`: from hearing of it to the first decision that could be made under it. */
export type Activation = { readonly policy: HeldPdp; readonly at: Date; readonly tookMs: number };

/** `replaced` ends the wait for what is late, once a newer activation is wanted. */
type Wanted = { readonly policy: SnapshotPolicy; readonly heardMs: number; readonly replaced: AbortController };

const firstRetryMs = 100;
const longestRetryMs = 2_000;

/**
 * Follows the policy that snapshots name. A bundle is fetched, checked and opened beside the one in force, then one
 * reference changes: for all lanes at once, and between two decisions. Whatever cannot be taken leaves the last good one in
 * force and is told; when activations come faster than they can be opened, the newest counts.
 */
export class PolicyFollower implements AsyncDisposable {
  readonly #options: PolicyFollowerOptions;
  readonly #closing = new AbortController();
  readonly #listeners = new Set<() => void>();
  #active: Activation | undefined;
  #refused: PolicyRefusal | undefined;
  #wanted: Wanted | undefined;
  #running: Promise<void> | undefined;

  constructor(options: PolicyFollowerOptions) {
    this.#options = options;
  }

  /** The policy in force; ask it in the same turn. @throws VivifiedError `policy_missing` 503 */
  current(): HeldPdp {
    if (this.#active === undefined) throw new VivifiedError("policy_missing");
    return this.#active.policy;
  }

  get active(): Activation | undefined {
    return this.#active;
  }

  /** Why the latest activation is not in force here. */
  get refused(): PolicyRefusal | undefined {
    return this.#refused;
  }

  /** Calls back whenever an activation was taken or refused. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** What a snapshot says. An activation that is not newer than any before changes nothing. */
  follow(policy: SnapshotPolicy | undefined): void {
    const known = this.#wanted?.policy.activation ?? 0;
    if (policy === undefined || policy.activation <= known) return;
    this.#wanted?.replaced.abort();
    this.#wanted = { policy, heardMs: this.#options.clock.monotonicMs(), replaced: new AbortController() };
    this.#running ??= this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#listeners.clear();
    await this.#running;
    const active = this.#active;
    this.#active = undefined;
    await active?.policy.retire();
  }

  /** Until the newest activation was taken or refused. It ends in the turn in which nothing is left, so none is missed. */
  async #run(): Promise<void> {
    for (let wanted = this.#unsettled(); wanted !== undefined; wanted = this.#unsettled()) await this.#settle(wanted);
    this.#running = undefined;
  }

  /** Until it was taken or refused, or another is wanted. */
  async #settle(wanted: Wanted): Promise<void> {
    const signal = AbortSignal.any([this.#closing.signal, wanted.replaced.signal]);
    for (let retryMs = firstRetryMs; !signal.aborted; retryMs = Math.min(retryMs * 2, longestRetryMs)) {
      if (await this.#take(wanted)) return;
      await delay(retryMs, undefined, { signal }).catch(() => {});
    }
  }

  #unsettled(): Wanted | undefined {
    if (this.#closing.signal.aborted) return undefined;
    const activation = this.#wanted?.policy.activation;
    const settled = [this.#active?.policy.activation, this.#refused?.activation];
    return settled.includes(activation) ? undefined : this.#wanted;
  }

  /** @returns false when the same may succeed later */
  async #take(wanted: Wanted): Promise<boolean> {
    const { keys, open, onFailure } = this.#options;
    try {
      const bundle = await fetchBundle(wanted.policy, { bucket: await open(), keys });
      const pdp = await openPdp({ bundle, ...(onFailure && { onFailure }) });
      if (this.#wanted === wanted && !this.#closing.signal.aborted) this.#activate(pdp, wanted);
      else await pdp[Symbol.asyncDispose]();
      return true;
    } catch (error) {
      return this.#refuse(wanted.policy.activation, error);
    }
  }

  #activate(pdp: Pdp, { policy: { activation }, heardMs }: Wanted): void {
    const { clock, logger } = this.#options;
    const before = this.#active;
    const tookMs = clock.monotonicMs() - heardMs;
    this.#active = { policy: new HeldPdp(pdp, activation), at: clock.now(), tookMs };
    this.#refused = undefined;
    logger.info({ activation, revision: pdp.revision, took_ms: Math.round(tookMs) }, "policy in force");
    void before?.policy.retire();
    this.#tell();
  }

  #refuse(activation: number, error: unknown): boolean {
    const { logger } = this.#options;
    const refusal = refusalOf(activation, error);
    if (refusal === undefined) {
      logger.warn({ err: error, activation }, "policy cannot be fetched yet");
      return false;
    }
    logger.error({ err: error, activation, fault: refusal.fault }, "policy refused: the last good one stays");
    this.#refused = refusal;
    this.#tell();
    return true;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
