import { describe, expect, it } from "vitest";
import { harmless, harmlessJson, harmlessText } from "./harmless.ts";

const hostile = "a\u001b[2J\u009b\u202eb\n\u{e0001}\ud800";

describe("text of others", () => {
  it("is spelled out where a terminal would obey it", () => {
    const told = "a\\u001b[2J\\u009b\\u202eb\\u000a\\udb40\\udc01\ufffd";
    expect(harmlessText(hostile)).toBe(told);
    expect(harmless({ list: [hostile], count: 1 })).toEqual({ list: [told], count: 1 });
  });

  it("stays the same value in JSON", () => {
    const json = harmlessJson({ [hostile]: hostile });
    expect(json).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(JSON.parse(json)).toEqual({ [hostile]: hostile });
  });
});
