import { processSpiffeId } from "@vivified/contracts";
import { type Clock, systemClock } from "../process/clock.ts";
import type { Logger } from "../telemetry/logger.ts";
import { joinWithToken, renewSvid, type SvidRequestOptions } from "./request-svid.ts";
import type { Svid, SvidSource } from "./svid.ts";
import { readSvid, writeSvid } from "./svid-files.ts";

export type SvidSourceOptions = Omit<SvidRequestOptions, "controlPlaneId"> & {
  readonly trustDomain: string;
  /** Where key, chain and bundle are kept (0700). */
  readonly directory: string;
  readonly logger: Logger;
  readonly clock?: Clock;
};

/**
 * Opens this process's identity: the kept SVID while it is valid, else a new one for the join token; then renews at half
 * of its life ± 10 % for as long as it is open. A failed renewal is tried again with the SVID that is still valid.
 *
 * @throws VivifiedError `invalid_join_token`, `unauthenticated` when the control plane is not the token's
 */
export async function openSvidSource(options: SvidSourceOptions): Promise<SvidSource> {
  const clock = options.clock ?? systemClock;
  const request = { ...options, controlPlaneId: processSpiffeId(options.trustDomain, "control-plane") };
  const kept = await readSvid(options.directory, clock.now());
  const first = kept?.spiffeId === options.spiffeId ? kept : await joinWithToken(request);
  await writeSvid(options.directory, first);
  return new RenewingSvidSource({ first, clock, logger: options.logger, renew: renewAndKeep(request, options) });
}

function renewAndKeep(request: SvidRequestOptions, { directory }: SvidSourceOptions) {
  return async (current: Svid) => {
    const next = await renewSvid(request, current);
    await writeSvid(directory, next);
    return next;
  };
}

export type RenewalOptions = {
  readonly first: Svid;
  readonly renew: (current: Svid) => Promise<Svid>;
  readonly clock: Clock;
  readonly logger: Logger;
};

/** Renews an SVID in time, whoever issues it; the control plane uses it with itself as issuer. */
export class RenewingSvidSource implements SvidSource {
  #current: Svid;
  #timer: NodeJS.Timeout | undefined;
  readonly #listeners = new Set<(svid: Svid) => void>();
  readonly #options: RenewalOptions;

  constructor(options: RenewalOptions) {
    this.#options = options;
    this.#current = options.first;
    this.#schedule(this.#untilRenewalMs());
  }

  current(): Svid {
    return this.#current;
  }

  onRenewed(listener: (svid: Svid) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#listeners.clear();
  }

  #schedule(delayMs: number): void {
    this.#timer = setTimeout(() => void this.#renew(), delayMs).unref();
  }

  async #renew(): Promise<void> {
    const timer = this.#timer;
    const { renew, logger } = this.#options;
    try {
      this.#current = await renew(this.#current);
      logger.info({ spiffe_id: this.#current.spiffeId, expires_at: this.#current.expiresAt }, "svid renewed");
      for (const listener of this.#listeners) listener(this.#current);
      if (this.#timer === timer) this.#schedule(this.#untilRenewalMs());
    } catch (error) {
      logger.warn({ err: error, expires_at: this.#current.expiresAt }, "svid renewal failed");
      if (this.#timer === timer) this.#schedule(this.#retryMs());
    }
  }

  /** Half of the life that the certificate had when it was issued, ± 10 %, counted from its start. */
  #untilRenewalMs(): number {
    const { issuedAt, expiresAt } = this.#current;
    const now = this.#options.clock.now().getTime();
    const start = Math.max(issuedAt.getTime(), now - (expiresAt.getTime() - now));
    const half = (expiresAt.getTime() - start) / 2;
    return Math.max(100, start + half * (0.9 + Math.random() * 0.2) - now);
  }

  #retryMs(): number {
    const left = this.#current.expiresAt.getTime() - this.#options.clock.now().getTime();
    return Math.min(30_000, Math.max(250, left / 10));
  }
}
