import { describe, expect, it } from "vitest";
import { formatCase } from "./format-case.ts";
import { parseCases } from "./parse-cases.ts";
import type { PolicyCase } from "./policy-case.ts";

const call: PolicyCase = {
  name: "a call: with a colon",
  entrypoint: "rpc/invoke",
  input: {
    subject: { id: "newsletter", traits: ["notifications"] },
    resource: { plugin: "email-gateway", operation: "send_email", traits: ["external_service"], requires_traits: [] },
    grant: { id: "g-1" },
    fields: Array.from({ length: 5 }, (_, index) => ({ path: `/a/${index}`, type: "string", traits: ["pii"] })),
    attributes: { amount: 3 },
  },
  nd_builtin_cache: { "time.now_ns": { "[]": 1790000000000000000 } },
  expect: { effect: "deny", rules: ["rpc.not_granted"], would_deny: ["custom.night"] },
};
const mask: PolicyCase = {
  name: "the log",
  entrypoint: "audit/mask",
  input: { lane: "rpc", entrypoint: "rpc/invoke", fields: [], attributes: {} },
  expect: { effect: "allow", obligations: [] },
};
const access: PolicyCase = {
  name: "a person",
  entrypoint: "admin/access",
  input: { subject: { id: "u-1", traits: [] }, resource: { method: "GET", route: "/admin/users" } },
  expect: { effect: "deny" },
};

describe("formatCase", () => {
  it.each([call, mask, access])("writes what reads back as the same: $name", (one) => {
    const { cases, faults } = parseCases(formatCase(one), "a.yaml");
    expect(faults).toEqual([]);
    expect(cases).toEqual([{ ...one, file: "a.yaml", row: 2, column: 5 }]);
  });

  it("adds to a file and leaves the rest of it alone", () => {
    const before = `# what the log must not keep\n${formatCase(mask)}`;
    const after = formatCase(call, before);
    expect(after.startsWith(before)).toBe(true);
    expect(parseCases(after, "a.yaml").cases.map(({ name }) => name)).toEqual(["the log", "a call: with a colon"]);
  });

  it("writes a line for each small thing", () => {
    expect(formatCase(access)).toBe(`cases:
  - case: a person
    ask: admin/access
    subject: {id: u-1, traits: []}
    resource: {method: GET, route: /admin/users}
    expect: {effect: deny}
`);
  });

  it.each(["[", "rules: []\n"])("refuses to add to %j", (text) => {
    expect(() => formatCase(call, text)).toThrow("no file of cases");
  });
});
