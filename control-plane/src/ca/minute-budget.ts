import { type Clock, VivifiedError } from "@vivified/runtime";

const perNetwork = 60;
const perWhole = 600;
const minuteMs = 60_000;

/**
 * How many refusals, and renewals of one identity, a minute has room for: each is a record, and whoever reaches the CSR
 * port can show bad tokens for ever. One network (see `networkOf`) has 60 of a whole, and all together 600. What was wrong
 * with a token makes no difference, so that who is told 429 learns no more than from 401. A good token takes nothing of
 * it, so nobody keeps others from joining, whatever names and tokens they show.
 *
 * What an attacker can cause: 600 records of refusals a minute. From ten networks on, refusals of others are answered 429
 * and stand in the process log alone, so that the use of a token that was used before is not told meanwhile. With the key
 * of an SVID and as many networks, renewals of this one identity wait; from one network, only renewals from there.
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
