import { type Clock, VivifiedError } from "@vivified/runtime";

/** Of each kind. */
const perMinute = 60;
const minuteMs = 60_000;

/**
 * How many refusals, and renewals of one identity, are recorded. Whoever reaches the CSR port can show bad tokens for ever;
 * the trail is not theirs to fill. Each kind has its own share, so that a flood of made-up tokens does not hide one that is
 * used twice.
 */
export class MinuteBudget {
  readonly #clock: Pick<Clock, "monotonicMs">;
  readonly #taken = new Map<string, number>();
  #sinceMs = 0;

  constructor(clock: Pick<Clock, "monotonicMs">) {
    this.#clock = clock;
  }

  /** @throws VivifiedError `rate_limited` 429 when this minute's share of the kind is used up. */
  take(kind: string): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#sinceMs >= minuteMs) {
      this.#taken.clear();
      this.#sinceMs = nowMs;
    }
    const taken = this.#taken.get(kind) ?? 0;
    if (taken >= perMinute) throw new VivifiedError("rate_limited", { detail: "too many requests of one kind" });
    this.#taken.set(kind, taken + 1);
  }
}
