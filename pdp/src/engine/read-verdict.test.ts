import { describe, expect, it } from "vitest";
import { readVerdict } from "./read-verdict.ts";

const ground = { rule: "rpc.granted", message: "Granted", fix: "" };
const allow = { effect: "allow", reasons: [ground], obligations: [] };
const redact = { path: "/email", action: "redact" };
const sanitize = { effect: "sanitize", reasons: [ground], obligations: [redact] };

describe("readVerdict", () => {
  it.each([allow, sanitize, { effect: "deny", reasons: [ground], obligations: [] }])(
    "takes $effect as it is",
    (answer) => {
      expect(readVerdict(answer)).toEqual(answer);
    },
  );

  it("sorts and drops repetitions, whatever order the engine's sets come in", () => {
    const other = { rule: "a.rule", message: "A", fix: "" };
    const answer = {
      effect: "sanitize",
      reasons: [ground, other, ground],
      obligations: [redact, { path: "/a", action: "mask" }, redact],
    };
    expect(readVerdict(answer)).toEqual({
      effect: "sanitize",
      reasons: [other, ground],
      obligations: [{ path: "/a", action: "mask" }, redact],
    });
  });

  it("keeps nothing that the contract does not name", () => {
    expect(readVerdict({ ...allow, note: 1, reasons: [{ ...ground, extra: 1 }] })).toEqual(allow);
  });

  it.each([
    ["nothing", undefined],
    ["true", true],
    ["a text", "allow"],
    ["a list", [allow]],
    ["an unknown effect", { ...allow, effect: "permit" }],
    ["an allow that rests on nothing", { ...allow, reasons: [] }],
    ["no reasons at all", { effect: "allow", obligations: [] }],
    ["a reason without a rule", { ...allow, reasons: [{ message: "x", fix: "" }] }],
    ["a reason with an empty rule", { ...allow, reasons: [{ ...ground, rule: "" }] }],
    ["an allow with obligations", { ...sanitize, effect: "allow" }],
    ["a denial with obligations", { ...sanitize, effect: "deny" }],
    ["a sanitize without obligations", { ...sanitize, obligations: [] }],
    ["no obligations at all", { effect: "allow", reasons: [ground] }],
    ["a path that is no pointer", { ...sanitize, obligations: [{ path: "email", action: "redact" }] }],
    ["two actions for one field", { ...sanitize, obligations: [redact, { path: "/email", action: "keep" }] }],
  ])("refuses %s", (_, answer) => {
    expect(readVerdict(answer)).toBe("pdp.malformed");
  });

  it.each(["encrypt", "", 3, undefined, "constructor"])(
    "refuses the unknown action %j under a rule of its own",
    (action) => {
      expect(readVerdict({ ...sanitize, obligations: [{ path: "/email", action }] })).toBe("pep.unknown_obligation");
    },
  );
});
