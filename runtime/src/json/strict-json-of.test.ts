import { describe, expect, it } from "vitest";
import { strictJsonOf } from "./strict-json-of.ts";

describe("strictJsonOf", () => {
  it("gives what the text says, also where that is null", () => {
    expect(strictJsonOf('{"a":[1]}')).toEqual({ a: [1] });
    expect(strictJsonOf("null")).toBe(null);
  });

  it.each(["", "{", '{"a":1,"a":2}', '{"__proto__":1}', '"\\ud800"', "[[[]]]", "[12345678901234]"])(
    "gives nothing of %j, which is refused",
    (text) => {
      expect(strictJsonOf(text, { maxBytes: 15, maxDepth: 2 })).toBeUndefined();
    },
  );
});
