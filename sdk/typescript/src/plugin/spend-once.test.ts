import { describe, expect, it } from "vitest";
import { spendOnce } from "./spend-once.ts";

describe("an id", () => {
  it("is spent once, until it expires", () => {
    let nowS = 100;
    const spend = spendOnce(() => nowS);
    expect([spend("a", 160), spend("b", 161), spend("a", 160)]).toEqual([true, true, false]);
    nowS = 160;
    expect(spend("a", 200)).toBe(false);
    nowS = 160.5;
    expect([spend("a", 220), spend("b", 220)]).toEqual([true, false]);
  });
});
