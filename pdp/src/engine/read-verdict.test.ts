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

  it.each([allow, sanitize, { effect: "deny", reasons: [ground], obligations: [] }])(
    "takes along with $effect what rules in report mode would have done",
    (answer) => {
      const reports = { would_deny: [{ ...ground, rule: "a.rule" }, ground], would_sanitize: [redact] };
      const told = { would_deny: [ground, { ...ground, rule: "a.rule" }, ground], would_sanitize: [redact, redact] };
      expect(readVerdict({ ...answer, ...told })).toEqual({ ...answer, ...reports });
    },
  );

  it("takes a path as deep as a payload may be", () => {
    const deep = { ...sanitize, obligations: [{ path: "/a".repeat(64), action: "redact" }] };
    expect(readVerdict(deep)).toEqual(deep);
  });

  it("says nothing of reports when there are none", () => {
    expect(Object.keys(Object(readVerdict({ ...allow, would_deny: [], would_sanitize: [] })))).toEqual(
      Object.keys(allow),
    );
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
    ["a path deeper than any payload", { ...sanitize, obligations: [{ path: "/a".repeat(65), action: "redact" }] }],
    ["a report that is no list", { ...allow, would_deny: ground }],
    ["a null for a report", { ...allow, would_deny: [null] }],
    ["a report without a rule", { ...allow, would_deny: [{ ...ground, rule: "" }] }],
    ["a reported obligation without a path", { ...allow, would_sanitize: [{ action: "redact" }] }],
    ["two reported actions for one field", { ...allow, would_sanitize: [redact, { ...redact, action: "mask" }] }],
    ["two actions for one field", { ...sanitize, obligations: [redact, { path: "/email", action: "keep" }] }],
  ])("refuses %s", (_, answer) => {
    expect(readVerdict(answer)).toBe("pdp.malformed");
  });

  it.each(["encrypt", "", 3, undefined, "constructor"])(
    "refuses the unknown action %j under a rule of its own",
    (action) => {
      const obligations = [{ path: "/email", action }];
      expect(readVerdict({ ...sanitize, obligations })).toBe("pep.unknown_obligation");
      expect(readVerdict({ ...allow, would_sanitize: obligations })).toBe("pep.unknown_obligation");
    },
  );
});
