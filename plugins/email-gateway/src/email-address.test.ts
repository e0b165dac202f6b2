import { describe, expect, it } from "vitest";
import { isEmailAddress } from "./email-address.ts";

describe("an e-mail address", () => {
  it.each(["ada@demo.example", "a.b+c@x-1.demo.example", "o'hara@xn--bcher-kva.example"])("can be %s", (text) => {
    expect(isEmailAddress(text)).toBe(true);
  });

  it.each([
    "",
    "ada",
    "@demo.example",
    "ada@",
    "ada@localhost",
    "ada@demo..example",
    "ada@-demo.example",
    "ada@10.0.0.7",
    "ada@[10.0.0.7]",
    "a..b@demo.example",
    ".a@demo.example",
    "Ada <ada@demo.example>",
    "ada@demo.example,eve@demo.example",
    "ada@demo.example eve@demo.example",
    "ada@demo.example\r\nBcc: eve@demo.example",
    '"ada"@demo.example',
    "REDACTED",
    `${"a".repeat(65)}@demo.example`,
    `ada@${"a".repeat(64)}.example`,
    `ada@${"abc.".repeat(70)}example`,
  ])("cannot be %j", (text) => {
    expect(isEmailAddress(text)).toBe(false);
  });
});
