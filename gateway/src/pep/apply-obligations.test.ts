import type { Decision, JsonObject, Obligation, ObligationAction } from "@vivified/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyObligations } from "./apply-obligations.ts";
import { deriveFieldKeys } from "./field-keys.ts";

const keys = deriveFieldKeys("a key");

function decided(obligations: readonly Obligation[], effect: Decision["effect"] = "sanitize"): Decision {
  return { id: "d", entrypoint: "rpc/invoke", revision: "r", effect, reasons: [], obligations };
}
function apply(payload: JsonObject, ...obligations: readonly [string, ObligationAction][]): JsonObject {
  const list = obligations.map(([path, action]) => ({ path, action }));
  const { decision, payload: changed } = applyObligations(decided(list), payload, keys);
  expect(decision.effect).toBe("sanitize");
  return changed;
}
function refused(payload: JsonObject, obligation: object): string | undefined {
  const { decision, payload: changed } = applyObligations(decided([obligation as Obligation]), payload, keys);
  expect([decision.effect, decision.obligations, changed]).toEqual(["deny", [], {}]);
  return decision.reasons[0]?.rule;
}

describe("applyObligations", () => {
  it("changes fields at any depth and in every item of an array", () => {
    const payload = { a: { b: [{ c: "x1", d: 1 }, { c: "x2" }, 7, null] }, e: [["p", "q"]] };
    expect(apply(payload, ["/a/b/*/c", "redact"], ["/e/*/*", "redact"])).toEqual({
      a: { b: [{ c: "REDACTED", d: 1 }, { c: "REDACTED" }, 7, null] },
      e: [["REDACTED", "REDACTED"]],
    });
  });

  it("removes members, single items and all items", () => {
    expect(apply({ a: 1, b: 2 }, ["/a", "remove"])).toEqual({ b: 2 });
    expect(apply({ a: [1, 2, 3] }, ["/a/*", "remove"])).toEqual({ a: [] });
    expect(apply({ a: [1, 2, 3] }, ["/a/0", "remove"], ["/a/2", "remove"])).toEqual({ a: [2] });
  });

  it("reads escaped pointers", () => {
    expect(apply({ "a/b": 1, "c~d": 2, "": 3 }, ["/a~1b", "redact"], ["/c~0d", "redact"], ["/", "redact"])).toEqual({
      "a/b": "REDACTED",
      "c~d": "REDACTED",
      "": "REDACTED",
    });
  });

  it("does not mind an obligation that names nothing", () => {
    expect(apply({ a: { b: 1 } }, ["/x/y", "mask"], ["/a/b/c", "remove"], ["/a/*", "remove"])).toEqual({ a: { b: 1 } });
  });

  it("takes the star for array items only", () => {
    expect(apply({ people: { ann: { email: "a" } } }, ["/people/*/email", "remove"])).toEqual({
      people: { ann: { email: "a" } },
    });
  });

  it("takes the stricter of two obligations on one field, in any order", () => {
    const pairs: [string, ObligationAction][] = [
      ["/a", "mask"],
      ["/a", "remove"],
      ["/a", "keep"],
    ];
    expect(apply({ a: "secret" }, ...pairs)).toEqual({});
    expect(apply({ a: "secret" }, ...pairs.toReversed())).toEqual({});
  });

  it("masks, hashes, tokenizes and generalizes", () => {
    const payload = {
      mail: "adam@example.org",
      phone: "5551234567",
      pin: "1234",
      born: "1980-02-03",
      zip: "02139-4307",
    };
    const changed = apply(
      payload,
      ["/mail", "mask"],
      ["/phone", "mask"],
      ["/pin", "mask"],
      ["/born", "generalize"],
      ["/zip", "generalize"],
    );
    expect(changed).toEqual({ mail: "ad***@example.org", phone: "55******67", pin: "****", born: "1980", zip: "021" });
    const hashed = apply({ a: "x", b: "x", c: "y" }, ["/a", "hash"], ["/b", "tokenize"], ["/c", "hash"]);
    expect(hashed.a).toMatch(/^sha256:[0-9a-f]{32}$/);
    expect(hashed.b).toMatch(/^tok_[A-Za-z0-9_-]{43}$/);
    expect(hashed.a).not.toBe(hashed.c);
    expect(apply({ a: "x" }, ["/a", "hash"])).toEqual({ a: hashed.a });
    expect(
      applyObligations(decided([{ path: "/a", action: "hash" }]), { a: "x" }, deriveFieldKeys("other")).payload,
    ).not.toEqual({ a: hashed.a });
  });

  it.each([
    ["an unknown action", { a: 1 }, { path: "/a", action: "encrypt" }, "pep.unknown_obligation"],
    ["a prototype's name as action", { a: 1 }, { path: "/a", action: "constructor" }, "pep.unknown_obligation"],
    ["a path without a slash", { a: 1 }, { path: "a", action: "remove" }, "pep.obligation_failed"],
    ["a wrong escape", { a: 1 }, { path: "/~2", action: "remove" }, "pep.obligation_failed"],
    ["masking an object", { a: {} }, { path: "/a", action: "mask" }, "pep.obligation_failed"],
    ["tokenizing a list", { a: [] }, { path: "/a", action: "tokenize" }, "pep.obligation_failed"],
    ["generalizing a name", { a: "Ada" }, { path: "/a", action: "generalize" }, "pep.obligation_failed"],
    ["removing the whole payload", { a: 1 }, { path: "", action: "remove" }, "pep.obligation_failed"],
    ["redacting the whole payload", { a: 1 }, { path: "", action: "redact" }, "pep.obligation_failed"],
  ])("denies on %s", (_, payload, obligation, rule) => {
    expect(refused(payload, obligation)).toBe(rule);
  });

  it("gives nothing out with a denial", () => {
    const denial = applyObligations(decided([], "deny"), { a: 1 }, keys);
    expect(denial.payload).toEqual({});
  });

  it("leaves the payload that it was given as it was, and no redacted value in what it makes", () => {
    const value = fc.jsonValue({ maxDepth: 4 });
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string().filter((key) => key !== "__proto__"),
          value,
        ),
        value,
        (rest, secret) => {
          const before = JSON.stringify({ ...rest, kept: { items: [{ secret }] } }); // as it arrives: text has no -0
          const payload: JsonObject = JSON.parse(before);
          const changed = apply(payload, ["/kept/items/*/secret", "remove"]);
          expect(JSON.stringify(payload)).toBe(before);
          expect(changed.kept).toEqual({ items: [{}] });
          expect({ ...changed, kept: 0 }).toEqual({ ...JSON.parse(before), kept: 0 });
        },
      ),
    );
  });
});
