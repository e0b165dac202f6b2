import { VivifiedError } from "../errors/vivified-error.ts";
import type { Clock } from "../process/clock.ts";

const perNetwork = 60;
const perWhole = 600;
const minuteMs = 60_000;

/**
 * How much of what anybody can cause a minute has room for, as refusals, each of which is a record. One network (see
 * `networkOf`) has 60 of a whole, and all together 600. A whole is what its user names it, and nothing that is asked for.
 *
 * What an attacker can cause: 600 records a minute. From ten networks on, what others cause stands in the process log alone.
 */
export class MinuteBudget {
  readonly #clock: Pick<Clock, "monotonicMs">;
  readonly #taken = new Map<string, number>();
  #sinceMs = 0;

  constructor(clock: Pick<Clock, "monotonicMs">) {
    this.#clock = clock;
  }

  /**
   * Takes one of `whole`, for a network.
   *
   * @throws VivifiedError `rate_limited` 429 when the minute has no more for it, with the seconds until the next
   */
  take(whole: string, network: string): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#sinceMs >= minuteMs) {
      this.#taken.clear();
      this.#sinceMs = nowMs;
    }
    const share = `${whole} ${network}`;
    const [all, own] = [this.#taken.get(whole) ?? 0, this.#taken.get(share) ?? 0];
    if (own >= perNetwork || all >= perWhole) {
      const retryAfterSeconds = Math.ceil((this.#sinceMs + minuteMs - nowMs) / 1_000);
      throw new VivifiedError("rate_limited", { retryAfterSeconds });
    }
    this.#taken.set(whole, all + 1).set(share, own + 1);
  }
}
