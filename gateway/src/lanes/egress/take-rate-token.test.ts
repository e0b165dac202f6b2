import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRateTokens } from "./take-rate-token.ts";

const limit = { requests: 3, window_ms: 60_000 };

function tokens() {
  const clock = { nowMs: 0 };
  const take = createRateTokens({ now: () => new Date(clock.nowMs), monotonicMs: () => clock.nowMs });
  return { clock, take };
}

describe("rate tokens", () => {
  it("are given until the window is full, and again when its oldest leaves it", () => {
    const { clock, take } = tokens();
    for (const atMs of [0, 10_000, 20_000]) {
      clock.nowMs = atMs;
      expect(take("a", limit)).toEqual({ taken: true });
    }
    clock.nowMs = 30_000;
    expect(take("a", limit)).toEqual({ taken: false, retryAfterSeconds: 30 });
    clock.nowMs = 60_000;
    expect(take("a", limit)).toEqual({ taken: true });
    expect(take("a", limit)).toEqual({ taken: false, retryAfterSeconds: 10 });
  });

  it("are each plugin's own", () => {
    const { take } = tokens();
    for (let call = 0; call < 3; call += 1) take("a", limit);
    expect([take("a", limit).taken, take("b", limit).taken]).toEqual([false, true]);
  });

  it("are not used up by asking in vain", () => {
    const { clock, take } = tokens();
    for (let call = 0; call < 100; call += 1) take("a", limit);
    clock.nowMs = 60_000;
    expect(take("a", limit).taken).toBe(true);
  });

  it("never exceed the limit in any window, whatever the rhythm", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 30_000 }), { maxLength: 100 }), (gaps) => {
        const { clock, take } = tokens();
        const taken = gaps.flatMap((gap) => {
          clock.nowMs += gap;
          return take("a", limit).taken ? [clock.nowMs] : [];
        });
        for (const [at, first] of taken.entries()) {
          const fourth = taken[at + limit.requests];
          if (fourth !== undefined) expect(fourth - first).toBeGreaterThanOrEqual(limit.window_ms);
        }
      }),
    );
  });
});
