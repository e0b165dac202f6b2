import { describe, expect, it } from "vitest";
import { diffData } from "./diff-data.ts";

describe("diffData", () => {
  it("gives the path of each difference, escaped as a JSON Pointer", () => {
    const from = { same: { a: 1 }, gone: 1, deep: { "a/b": 1, "~": [1, 2] }, kind: {} };
    const to = { same: { a: 1 }, deep: { "a/b": 2, "~": [2, 1] }, fresh: null, kind: 1 };
    expect(diffData(from, to)).toEqual([
      { path: "/deep/a~1b", from: 1, to: 2 },
      { path: "/deep/~0", from: [1, 2], to: [2, 1] },
      { path: "/fresh", to: null },
      { path: "/gone", from: 1 },
      { path: "/kind", from: {}, to: 1 },
    ]);
  });

  it("does not take what every object has for data", () => {
    expect(diffData({}, { constructor: 1 })).toEqual([{ path: "/constructor", to: 1 }]);
  });
});
