import { describe, expect, it } from "vitest";
import { MinuteBudget } from "./minute-budget.ts";

let nowMs = 5;
const open = () => new MinuteBudget({ monotonicMs: () => nowMs });

/** How many of so many attempts are let through. */
function taken(budget: MinuteBudget, attempts: number, network: string, whole = "refusals"): number {
  let passed = 0;
  for (let n = 0; n < attempts; n++) {
    try {
      budget.take(whole, network);
      passed += 1;
    } catch (error) {
      expect(error).toMatchObject({ code: "rate_limited", status: 429, detail: undefined });
    }
  }
  return passed;
}

describe("a minute", () => {
  it("has sixty for a network, and as many for the next one", () => {
    const budget = open();
    expect(taken(budget, 100, "10.0.0.1")).toBe(60);
    expect(taken(budget, 100, "10.0.0.2")).toBe(60);
  });

  it("has six hundred of a kind, however many networks ask, and leaves the others alone", () => {
    const budget = open();
    const all = Array.from({ length: 30 }, (_, n) => taken(budget, 60, `10.0.0.${n}`));
    expect(all.reduce((sum, one) => sum + one)).toBe(600);
    expect(taken(budget, 60, "10.0.0.1", "spiffe://a.example/plugin/a")).toBe(60);
  });

  it("ends, and says when", () => {
    const budget = open();
    expect(taken(budget, 100, "10.0.0.1")).toBe(60);
    const late = () => expect(() => budget.take("refusals", "10.0.0.1"));
    late().toThrow(expect.objectContaining({ retryAfterSeconds: 60 }));
    nowMs += 59_001;
    late().toThrow(expect.objectContaining({ retryAfterSeconds: 1 }));
    nowMs += 999;
    expect(taken(budget, 100, "10.0.0.1")).toBe(60);
  });
});
