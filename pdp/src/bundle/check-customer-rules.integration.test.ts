import { describe, expect, it } from "vitest";
import { checkCustomerRules } from "./check-customer-rules.ts";
import { opa } from "./policies.fixtures.ts";

const check = (rules: string, header = "package custom.rpc.invoke") => {
  const bytes = Buffer.from(`${header}\n\n${rules}\n`);
  return checkCustomerRules(opa, [{ path: "custom/rules.rego", bytes }]);
};

describe("checkCustomerRules", () => {
  it.each([
    ['deny["a.b"] contains {"rule": "custom.x"} if input.grant', "package custom.rpc.invoke"],
    ['deny["*"] contains "x" if input.grant', "package custom.egress.reply"],
    ['obligations["*"] contains {"rule": "x"} if input.lane', "package custom.audit.mask"],
    ["deny[key] contains key if some key in input.keys", "package custom.rpc.reply"],
    ["helper contains 1\n\nanswer := 7\n\nf(x) := x", "package custom.rpc.invoke"],
    ["allowed := true", "package custom.acme.lists"],
  ])("takes %j in %s", async (rules, header) => {
    await expect(check(rules, header)).resolves.toBeUndefined();
  });

  it.each([
    ["OPA's usual shape, which has no key", 'deny contains "x" if input.grant', "deny counts only as"],
    ["one value instead of a set", 'deny["a.b"] := true if input.grant', "deny counts only as"],
    ["a whole object", 'deny := {"a.b": {"x"}}', "deny counts only as"],
    ["a default", "default deny := set()", "deny counts only as"],
    ["two keys", 'obligations["a"]["b"] contains "x" if input.grant', "obligations counts only as"],
    ["a ground", 'grounds contains {"rule": "x"}', "grounds is not a customer's"],
    ["a decision", 'decision := {"effect": "allow"}', "decision is not a customer's"],
  ])("refuses %s", async (_, rules, why) => {
    await expect(check(rules)).rejects.toMatchObject({
      code: "invalid_config",
      detail: expect.stringContaining(`custom/rules.rego: ${why}`),
    });
  });

  it.each([
    ["a package that nobody asks", 'deny["*"] contains "x"', "package custom.rcp.invoke", "nobody asks"],
    ["a package below a question", 'deny["*"] contains "x"', "package custom.rpc.invoke.deeper", "nobody asks"],
    [
      "a denial without a key, from the package above",
      'invoke.deny contains "x"',
      "package custom.rpc",
      "is written in",
    ],
    ["a denial by a package of its name", "foo contains 1", "package custom.rpc.invoke.deny", "is written in"],
    ["a decision from the root", 'rpc.invoke.decision := "x"', "package custom", "is written in"],
    ["a package that is not a customer's", 'deny["*"] contains "x"', "package vivified.rpc.invoke", "below custom"],
    ["obligations on access", 'obligations["*"] contains "x"', "package custom.admin.access", "no fields"],
    ["a denial of records", 'deny["*"] contains "x"', "package custom.audit.mask", "always kept"],
  ])("refuses %s", async (_, rules, header, why) => {
    await expect(check(rules, header)).rejects.toThrow(why);
  });

  it("names every fault at once", async () => {
    const checking = check('grounds contains "x"\n\ndeny contains "x"');
    await expect(checking).rejects.toThrow(/grounds[\s\S]*deny/);
  });
});
