import { describe, expect, it } from "vitest";
import { detectTraits } from "./detect-traits.ts";

describe("value detector", () => {
  it.each(["ada@example.org", "write to ada.l+x@mail.example.org today", "Ada <ada@exämple.de>"])(
    "finds an e-mail address in %s",
    (text) => expect(detectTraits(text)).toEqual(["pii"]),
  );

  it.each(["+44 20 7946 0958", "+15551234567", "(555) 223-4567", "call 1-555-223-4567 now", "555.223.4567"])(
    "finds a telephone number in %s",
    (text) => expect(detectTraits(text)).toEqual(["pii"]),
  );

  it.each(["123-45-6789", "ssn: 123 45 6789.", "123–45–6789"])("finds a social security number in %s", (text) =>
    expect(detectTraits(text)).toEqual(["direct_identifier", "pii"]),
  );

  it.each(["4111111111111111", "4111 1111 1111 1111", "paid with 5500-0055-5555-5559", "340000000000009"])(
    "finds a payment card in %s",
    (text) => expect(detectTraits(text)).toEqual(["financial", "pii"]),
  );

  it.each(["MRN 00123456", "mrn:123456", "see MRN#1234567 of May"])("finds a medical record number in %s", (text) =>
    expect(detectTraits(text)).toEqual(["direct_identifier", "phi", "pii"]),
  );

  it.each([
    "",
    "Welcome",
    "@",
    "a@b",
    "@vivified/pdp",
    "0193a1b2-1234-7123-8123-123456789012",
    "2026-11-21T02:45:00.000Z",
    "2026-11-21 02:45:00+01:00",
    "1763693100000",
    "5551234567",
    "4111111111111112",
    "000-12-3456",
    "666-12-3456",
    "900-12-3456",
    "123-00-4567",
    "123-45-0000",
    "1.22.0",
    "10.0.0.7",
    "order 12-345-67",
  ])("sees nothing in %s", (text) => expect(detectTraits(text)).toEqual([]));

  it("adds up what it finds", () => {
    expect(detectTraits("ada@example.org, 123-45-6789").toSorted()).toEqual(["direct_identifier", "pii"]);
  });

  it.each([
    "@".repeat(200_000),
    "1-".repeat(200_000),
    "+1 ".repeat(100_000),
    "4 1".repeat(100_000),
    "a@".repeat(100_000),
  ])("reads a hostile value in time that grows with its length only", (text) => {
    const started = performance.now();
    detectTraits(text);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
