import { describe, expect, it } from "vitest";
import { holdAgainst } from "./expectations.ts";
import type { ReplayReport } from "./replay-report.ts";
import { createTally } from "./tally.ts";

const asked = { entrypoint: "rpc/invoke", caller: "newsletter", count: 3, examples: ["d-1"] };
const flip = { ...asked, from: "allow", to: "deny", rules: ["custom.night", "rpc.not_granted"] } as const;
const field = { ...asked, path: "/email", from: "keep", to: "redact" };
const empty = createTally().report({ candidate: "b", against: "log" }, 0);
const report: ReplayReport = { ...empty, flips: [flip], fields: [field] };

describe("holdAgainst", () => {
  it("lets pass what was announced, by any of its rules", () => {
    const flips = [{ from: "allow", to: "deny", rule: "custom.night", caller: "newsletter" }] as const;
    const held = holdAgainst(report, { flips, fields: [{ path: "/email", to: "redact" }] });
    expect(held).toEqual({ undeclared_flips: [], undeclared_fields: [], unseen: [] });
  });

  it.each([
    ["in the other direction", { from: "deny", to: "allow" }],
    ["by another rule", { from: "allow", to: "deny", rule: "custom.day" }],
    ["of another caller", { from: "allow", to: "deny", caller: "workflow" }],
    ["of another question", { from: "allow", to: "deny", entrypoint: "rpc/reply" }],
  ] as const)("does not take a flip for one %s", (_, expected) => {
    const held = holdAgainst(report, { flips: [expected], fields: [{ path: "/email" }] });
    expect(held.undeclared_flips).toEqual([flip]);
    expect(held.unseen).toEqual([expected]);
  });

  it.each([{ path: "/name" }, { path: "/email", to: "keep" }, { path: "/email", from: "mask" }])(
    "does not take a field change for %j",
    (expected) => {
      const held = holdAgainst(report, { flips: [], fields: [expected] });
      expect(held.undeclared_fields).toEqual([field]);
      expect(held.undeclared_flips).toEqual([flip]);
    },
  );
});
