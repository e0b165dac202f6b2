import { expect, it } from "vitest";
import { retentionLate } from "./retention-late.ts";

const now = new Date("2026-11-26T12:00:00Z");
const clock = { now: () => now, monotonicMs: () => 0 };
const found = (months: readonly string[], pushed: { place: number; receiver?: string }) =>
  retentionLate({ clock, overdue: async () => months, pushed: async () => pushed }).look();

it("is not found while no month is overdue", async () => {
  expect(await found([], { place: 7, receiver: "opa https://slow" })).toEqual([]);
});

it("names the months that stay, and the receiver that keeps them", async () => {
  expect(await found(["2019-10", "2019-11"], { place: 7, receiver: "opa https://slow" })).toEqual([
    {
      ...{ rule: "retention_late", subject: "audit retention", severity: "high", evidenceAt: now },
      message:
        "Audit records of 2019-10 are beyond retention and still there (2 months): opa https://slow has got the log up to place 7",
      labels: { months: "2", receiver: "opa https://slow", place: "7" },
    },
  ]);
});

it("points to core's log when no receiver does", async () => {
  const [finding] = await found(["2019-10"], { place: Number.MAX_SAFE_INTEGER });
  expect(finding?.message).toContain("core's log says why");
});
