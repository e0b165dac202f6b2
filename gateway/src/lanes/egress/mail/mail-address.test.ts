import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseMailbox } from "./mail-address.ts";

describe("a mailbox", () => {
  it.each([
    ["ada@example.org", { name: "", address: "ada@example.org" }],
    ["Ada Lovelace <ada@example.org>", { name: "Ada Lovelace", address: "ada@example.org" }],
    ['"Lovelace, Ada" <ada@example.org>', { name: "Lovelace, Ada", address: "ada@example.org" }],
    ["<ada@example.org>", { name: "", address: "ada@example.org" }],
    ["ada+tag@sub.example.org", { name: "", address: "ada+tag@sub.example.org" }],
    ["ada@bücher.example", { name: "", address: "ada@xn--bcher-kva.example" }],
    ["Ädä <ada@example.org>", { name: "Ädä", address: "ada@example.org" }],
  ])("is read from %s", (text, mailbox) => {
    expect(parseMailbox(text)).toEqual(mailbox);
  });

  it.each([
    "",
    "ada",
    "ada@",
    "@example.org",
    "ada@localhost",
    "ada@127.0.0.1",
    "ada@[127.0.0.1]",
    "ada@example.org, eve@example.org",
    "ada@example.org eve@example.org",
    "ada@example.org;eve@example.org",
    "all: ada@example.org;",
    "ada@example.org\r\nBcc: eve@example.org",
    "Ada\n<ada@example.org>",
    "Ada <ada@example.org> <eve@example.org>",
    "eve@example.org <ada@example.org>",
    "Ada <ada@example.org",
    '"ada@x"@example.org',
    "ada@example.org@evil.example",
    "a..b@example.org",
    ".a@example.org",
    "ada@-example..org",
    "REDACTED",
    "ad***@example.org",
    "ada@example.org\u0000",
    `${"a".repeat(65)}@example.org`,
  ])("is not read from %j", (text) => {
    expect(parseMailbox(text)).toBeUndefined();
  });

  it("never holds what could end a line or begin another recipient", () => {
    const piece = fc.constantFrom(
      "a",
      "@",
      "example.org",
      "<",
      ">",
      ",",
      ";",
      ":",
      '"',
      " ",
      "\r\n",
      "\u0085",
      "(",
      ")",
      "\\",
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join("")),
        (text) => {
          const mailbox = parseMailbox(text);
          if (mailbox === undefined) return;
          expect(mailbox.address).toMatch(/^[^\s<>,;:"()\\@]+@[a-z0-9.-]+$/);
          expect(mailbox.name).not.toMatch(/[\r\n<>]/);
        },
      ),
    );
  });
});
