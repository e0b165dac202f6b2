import { type ErrorCode, errorCodes } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { retryDelayMs, settleFailure } from "./settlement.ts";

const schedule = { firstDelayMs: 1_000, maxDelayMs: 300_000, attempts: 3, random: () => 0.5 };
const failed = (code: ErrorCode) => new VivifiedError(code);

describe("the delay before another try", () => {
  it("doubles up to its limit", () => {
    const delays = [1, 2, 3, 9, 10, 1_000].map((failures) => retryDelayMs(failures, schedule));
    expect(delays).toEqual([750, 1_500, 3_000, 192_000, 225_000, 225_000]);
  });

  it("lies between half and all of its step", () => {
    const randoms = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), randoms, (failures, random) => {
        const stepMs = Math.min(300_000, 1_000 * 2 ** (failures - 1));
        const delayMs = retryDelayMs(failures, { ...schedule, random: () => random });
        expect(delayMs).toBeGreaterThanOrEqual(stepMs / 2);
        expect(delayMs).toBeLessThanOrEqual(stepMs);
      }),
    );
  });
});

describe("a failed delivery", () => {
  it("is tried again and counted when the subscriber failed", () => {
    expect(settleFailure(failed("target_failed"), 0, schedule)).toEqual({ kind: "retry", delayMs: 750, counts: true });
    expect(settleFailure(failed("target_timeout"), 1, schedule)).toMatchObject({ kind: "retry", delayMs: 1_500 });
  });

  it("ends as a dead letter after the last try", () => {
    expect(settleFailure(failed("target_failed"), 2, schedule)).toEqual({
      kind: "dead_letter",
      reason: "target_failed",
    });
  });

  it("counts nothing that is not the subscriber's doing, however often", () => {
    const others = (Object.keys(errorCodes) as ErrorCode[]).filter((code) => !/^target_(failed|timeout)$/.test(code));
    for (const error of [...others.map(failed), new Error("a bug"), undefined]) {
      expect(settleFailure(error, 1_000, schedule)).toMatchObject({ kind: "retry", counts: false });
    }
  });
});
