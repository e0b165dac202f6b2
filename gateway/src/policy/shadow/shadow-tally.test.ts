import { type Decision, ShadowReport, type Verdict } from "@vivified/contracts";

import { Check } from "typebox/value";
import { describe, expect, it } from "vitest";
import { ShadowTally } from "./shadow-tally.ts";

const reason = (rule: string) => ({ rule, message: rule, fix: "" });
const allow: Verdict = { effect: "allow", reasons: [reason("rpc.granted")], obligations: [] };
const deny: Verdict = { effect: "deny", reasons: [reason("custom.no")], obligations: [] };
const fewer: Verdict = { ...allow, effect: "sanitize", obligations: [{ path: "/a", action: "redact" }] };
const failing: Verdict = { ...deny, reasons: [reason("pdp.error")] };
const decided = (id: string, verdict: Verdict): Decision => ({
  id,
  entrypoint: "rpc/invoke",
  revision: "r",
  ...verdict,
});

describe("the tally of a candidate", () => {
  it("tells what would be denied, allowed, shown otherwise or not answered, and what is the same", () => {
    const tally = new ShadowTally("next", new Date(0));
    tally.count(decided("1", allow), allow);
    tally.count(decided("2", allow), deny);
    tally.count(decided("3", deny), allow);
    tally.count(decided("4", allow), fewer);
    tally.count(decided("5", allow), failing);
    tally.skip(3);
    tally.fail(2);
    expect(tally.report()).toEqual({
      ...{ revision: "next", since: "1970-01-01T00:00:00.000Z" },
      ...{ judged: 5, skipped: 3, failed: 3, would_deny: 1, would_allow: 1, fields_changed: 1 },
      examples: [
        { decision_id: "5", entrypoint: "rpc/invoke", active: "allow", candidate: "deny", rules: ["pdp.error"] },
        { decision_id: "4", entrypoint: "rpc/invoke", active: "allow", candidate: "sanitize", rules: ["rpc.granted"] },
        { decision_id: "3", entrypoint: "rpc/invoke", active: "deny", candidate: "allow", rules: ["custom.no"] },
        { decision_id: "2", entrypoint: "rpc/invoke", active: "allow", candidate: "deny", rules: ["custom.no"] },
      ],
    });
  });

  it("stays a report that fits the bucket, whatever a candidate says", () => {
    const tally = new ShadowTally("next", new Date(0));
    const reasons = Array.from({ length: 500 }, (_, index) => reason(`custom.${index}\u001b[2J\n${"😀".repeat(500)}`));
    for (let id = 0; id < 30; id++) tally.count(decided(String(id), allow), { ...deny, reasons });
    const report = tally.report();
    expect(Check(ShadowReport, report)).toBe(true);
    expect(Buffer.byteLength(JSON.stringify(report))).toBeLessThan(512 * 1024);
  });

  it("keeps the latest twenty examples", () => {
    const tally = new ShadowTally("next", new Date(0));
    for (let id = 0; id < 30; id++) tally.count(decided(String(id), allow), deny);
    const { examples } = tally.report();
    expect([examples.length, examples[0]?.decision_id, examples.at(-1)?.decision_id]).toEqual([20, "29", "10"]);
  });
});
