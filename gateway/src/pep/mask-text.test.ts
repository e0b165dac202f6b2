import { describe, expect, it } from "vitest";
import { maskText } from "./mask-text.ts";

describe("maskText", () => {
  it.each([
    ["adam@example.org", "ad***@example.org"],
    ["ab@example.org", "***@example.org"],
    ["a@b@example.org", "a@***@example.org"],
    ["@example.org", "@e********rg"],
    ["12345", "12*45"],
    ["1234", "****"],
    ["", ""],
    ["😀😁😂🤣😃", "😀😁*🤣😃"],
  ])("masks %j as %j", (text, masked) => {
    expect(maskText(text)).toBe(masked);
  });
});
