import type { Logger } from "../telemetry/logger.ts";
import type { Clock } from "./clock.ts";
import { Worker } from "./worker.ts";

export type ClockWatchOptions = {
  readonly clock: Clock;
  /** Whose clock ours is held to, for the log. */
  readonly other: string;
  /** What time it is there, between the question and the answer. */
  readonly ask: () => Promise<Date>;
  /** How far the two may be apart. */
  readonly maxSkewMs: number;
  readonly everyMs: number;
  readonly logger: Logger;
};

/**
 * Whether our clock agrees with another one, on another machine where there is one. In between it is held to the
 * monotonic clock, so that one that is set is noticed at once, and believed again only when the other agrees.
 */
export class ClockWatch implements AsyncDisposable {
  readonly #options: ClockWatchOptions;
  readonly #worker: Worker;
  /** Wall clock less monotonic clock when the two were compared. */
  #offsetMs: number | undefined;
  #skewMs = 0;

  constructor(options: ClockWatchOptions) {
    this.#options = options;
    const { other, everyMs, logger } = options;
    this.#worker = new Worker({ name: `clock and ${other}`, work: () => this.#compare(), everyMs, logger });
  }

  /** False before the first comparison, while the two are further apart than they may be, and after ours was set. */
  get trusted(): boolean {
    const { maxSkewMs } = this.#options;
    const wasSet = this.#offsetMs === undefined || Math.abs(this.#offset() - this.#offsetMs) > maxSkewMs;
    if (wasSet) this.#worker.wake();
    return !wasSet && Math.abs(this.#skewMs) <= maxSkewMs;
  }

  /** How far ours is ahead for certain, by the last comparison. */
  get skewMs(): number {
    return this.#skewMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker[Symbol.asyncDispose]();
  }

  async #compare(): Promise<void> {
    const { clock, ask } = this.#options;
    const askedMs = clock.monotonicMs();
    const toldMs = (await ask()).getTime();
    const tookMs = clock.monotonicMs() - askedMs;
    const aheadMs = clock.now().getTime() - toldMs;
    const before = this.#skewMs;
    // the other clock was read somewhere between question and answer
    this.#skewMs = aheadMs > tookMs ? Math.round(aheadMs - tookMs) : Math.round(Math.min(0, aheadMs));
    this.#offsetMs = this.#offset();
    this.#tell(before);
  }

  #tell(before: number): void {
    const { maxSkewMs, logger, other } = this.#options;
    const [wrong, wasWrong] = [this.#skewMs, before].map((skew) => Math.abs(skew) > maxSkewMs);
    const told = { other, skew_ms: this.#skewMs };
    if (wrong && !wasWrong) logger.error(told, "the clock cannot be trusted");
    if (!wrong && wasWrong) logger.info(told, "the clock can be trusted again");
  }

  #offset(): number {
    return this.#options.clock.now().getTime() - this.#options.clock.monotonicMs();
  }
}
