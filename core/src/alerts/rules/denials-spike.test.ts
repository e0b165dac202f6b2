import { describe, expect, it } from "vitest";
import { isSpike } from "./denials-spike.ts";

const thresholds = { windowMs: 300_000, baselineMs: 3_600_000, factor: 5, minimum: 100 };

describe("a spike", () => {
  it.each([
    [100, 0, true],
    [99, 0, false],
    [100, 20, true],
    [100, 21, false],
    [5_000, 1_000, true],
    [4_999, 1_000, false],
  ])("of %i denials where %i are usual: %s", (recent, before, expected) => {
    expect(isSpike({ recent, before }, thresholds)).toBe(expected);
  });
});
