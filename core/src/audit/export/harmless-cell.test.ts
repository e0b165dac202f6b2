import { describe, expect, it } from "vitest";
import { harmlessCell } from "./harmless-cell.ts";

describe("a cell for a spreadsheet", () => {
  it.each([
    ["=1+1", "'=1+1"],
    ["  =1", "  '=1"],
    ["\u200b=1", "\u200b'=1"],
    ["\t=1", "'\t'=1"],
    ["\rcmd", "'\rcmd"],
    ["x;=1", "x;'=1"],
    ["x; =1", "x; '=1"],
    ["x,+1", "x,'+1"],
    ["x|@SUM(1)", "x|'@SUM(1)"],
    ["x\t-1", "x\t'-1"],
    ["x\r\n=1", "x\r\n'=1"],
    ["x\u2028=1", "x\u2028'=1"],
    ['x;"=1', "x;\"'=1"],
    ['x";"=1;"', 'x";"\'=1;"'],
    ["x;\uFF1D1", "x;'\uFF1D1"],
    ["\uFF0B1;\uFF0D1;\uFF201", "'\uFF0B1;'\uFF0D1;'\uFF201"],
    [";==1;;=2", ";'==1;;'=2"],
    ["nul\u0000\ud800", "nul\uFFFD\uFFFD"],
  ])("has an apostrophe in front of what would begin a formula: %j", (text, shown) => {
    expect(harmlessCell(text)).toBe(shown);
  });

  it.each(["user-management.get_user", "env=production; region=eu", "a + b = c - d", "mail@example.org", "x;'=1", ""])(
    "is left as it is without one: %j",
    (text) => {
      expect(harmlessCell(text)).toBe(text);
    },
  );

  it("takes no longer than its length, whatever it is made of", () => {
    const startedMs = performance.now();
    for (const part of ["\t", " ", ";", "=", "\t=", '"', "; ="]) harmlessCell(part.repeat(200_000 / part.length));
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });
});
