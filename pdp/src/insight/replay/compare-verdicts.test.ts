import type { Verdict } from "@vivified/contracts";
import { describe, expect, it } from "vitest";
import { compareVerdicts } from "./compare-verdicts.ts";

const because = (rule: string) => ({ rule, message: rule, fix: "" });
const allow: Verdict = { effect: "allow", reasons: [because("rpc.granted")], obligations: [] };
const deny: Verdict = { effect: "deny", reasons: [because("custom.night"), because("rpc.x")], obligations: [] };
const sanitize: Verdict = { ...allow, effect: "sanitize", obligations: [{ path: "/email", action: "redact" }] };

describe("compareVerdicts", () => {
  it("finds nothing when only keys stand in another order", () => {
    const { effect, reasons, obligations } = allow;
    expect(compareVerdicts(allow, { obligations, reasons, effect })).toEqual({ kind: "same" });
  });

  it("names the rules that deny, on whichever side", () => {
    const rules = ["custom.night", "rpc.x"];
    expect(compareVerdicts(allow, deny)).toEqual({ kind: "flip", from: "allow", to: "deny", rules });
    expect(compareVerdicts(deny, sanitize)).toEqual({ kind: "flip", from: "deny", to: "allow", rules });
  });

  it("takes a sanitized answer for one that is let through, and names each field", () => {
    expect(compareVerdicts(allow, sanitize)).toEqual({
      kind: "fields",
      fields: [{ path: "/email", from: "keep", to: "redact" }],
    });
    expect(compareVerdicts(sanitize, { ...sanitize, obligations: [{ path: "/name", action: "mask" }] })).toEqual({
      kind: "fields",
      fields: [
        { path: "/email", from: "redact", to: "keep" },
        { path: "/name", from: "keep", to: "mask" },
      ],
    });
  });

  it("tells a failure apart from a denial, and one that failed before the same way from a new one", () => {
    const failing = { ...deny, reasons: [because("pdp.trap")] };
    expect(compareVerdicts(deny, failing)).toEqual({ kind: "failing", rule: "pdp.trap" });
    expect(compareVerdicts(failing, failing)).toEqual({ kind: "same" });
    const reworded = { ...failing, reasons: [{ ...because("pdp.trap"), fix: "look at it" }] };
    expect(compareVerdicts(failing, reworded)).toMatchObject({ kind: "reasons" });
    expect(compareVerdicts(failing, allow)).toMatchObject({ kind: "flip", rules: ["pdp.trap"] });
  });

  it("tells what rules in mode report would do", () => {
    const reporting = { ...allow, would_deny: [because("custom.a")], would_sanitize: sanitize.obligations };
    const added = ["deny custom.a", "redact /email"];
    expect(compareVerdicts(allow, reporting)).toEqual({ kind: "reported", added, removed: [] });
    expect(compareVerdicts(reporting, allow)).toEqual({ kind: "reported", added: [], removed: added });
  });

  it("tells when the same is done for other reasons", () => {
    const other = { ...deny, reasons: [because("rpc.x")] };
    expect(compareVerdicts(deny, other)).toEqual({ kind: "reasons", from: ["custom.night", "rpc.x"], to: ["rpc.x"] });
  });
});
