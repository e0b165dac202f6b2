import { describe, expect, it } from "vitest";
import { isAskable } from "./is-askable.ts";

const nested = (depth: number): unknown =>
  depth === 0 ? "x" : depth % 2 === 0 ? [nested(depth - 1)] : { a: nested(depth - 1) };

describe("isAskable", () => {
  it.each([
    ["facts", { subject: { id: "a", traits: ["pii"] }, fields: [], grant: undefined }],
    ["letters of every plane", { ü: "👩‍⚕️ \u{10ffff}" }],
    ["numbers that keep their value", [0, -1.5, 0.1, 2 ** 53 - 1, -(2 ** 53 - 1), 5e-324]],
    ["thirty-two levels", nested(32)],
  ])("takes %s", (_, value) => {
    expect(isAskable(value)).toBe(true);
  });

  it.each([
    ["half a letter", { a: "\ud83d" }],
    ["half a letter in a name", { "\udc00": 1 }],
    ["U+0000, which ends a text in C", ["a\0b"]],
    ["half a letter deep inside", [{ a: ["ok", { b: "x\ud800y" }] }]],
    ["no number", [Number.NaN]],
    ["infinity", { a: Number.NEGATIVE_INFINITY }],
    ["a whole number that a double bends", [2 ** 53]],
    ["a number beyond all digits", 1e300],
    ["thirty-three levels", nested(33)],
  ])("refuses %s", (_, value) => {
    expect(isAskable(value)).toBe(false);
  });
});
