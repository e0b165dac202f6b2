import { describe, expect, it } from "vitest";
import { valueAt } from "./value-at.ts";

const payload = { a: { "b/c": 1, "~d": [true, { e: null }] }, list: ["x", "y"] };

describe("valueAt", () => {
  it.each([
    ["/a/b~1c", 1],
    ["/a/~0d/0", true],
    ["/a/~0d/1/e", null],
    ["/list/1", "y"],
    ["/list", ["x", "y"]],
    ["/list/2", undefined],
    ["/list/01", undefined],
    ["/list/length", undefined],
    ["/a/toString", undefined],
    ["/none/b", undefined],
    ["/list/0/b", undefined],
  ])("finds %s", (pointer, value) => {
    expect(valueAt(payload, pointer)).toEqual(value);
  });
});
