import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eventIdFor, idempotencyKey } from "./event-id.ts";

describe("the id of an event with an idempotency key", () => {
  it("is a UUIDv8 that publisher and key decide, and nothing else", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (publisher, key) => {
        expect(eventIdFor(publisher, key)).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        );
        expect(eventIdFor(publisher, key)).toBe(eventIdFor(publisher, key));
      }),
    );
  });

  it("differs where the same characters are split differently", () => {
    expect(eventIdFor("a", "bc")).not.toBe(eventIdFor("ab", "c"));
    expect(eventIdFor('a","b', "c")).not.toBe(eventIdFor("a", 'b","c'));
  });
});

describe("an idempotency key", () => {
  it.each(["k", "0f8fad5b-d9cb-469f-a165-70867728950e", '"quoted"', "x".repeat(200)])("may be %s", (key) => {
    expect(idempotencyKey(key)).toBe(key);
  });

  it.each(["", "with space", "tab\t", "ü", "x".repeat(201)])("may not be %j", (key) => {
    expect(() => idempotencyKey(key)).toThrow("malformed");
  });

  it("may be absent, and not be given twice", () => {
    expect(idempotencyKey(undefined)).toBeUndefined();
    expect(() => idempotencyKey(["a", "b"])).toThrow("malformed");
  });
});
