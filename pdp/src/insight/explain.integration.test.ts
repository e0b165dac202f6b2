import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { opa, ourBundle, type Scratch, scratch } from "../bundle/policies.fixtures.ts";
import type { PolicyBundle } from "../bundle/policy-bundle.ts";
import { explain } from "./explain.ts";
import { type Asked, bundleWith, but, editedBundle, sendMail } from "./insight.fixtures.ts";
import { openPinnedJudge } from "./pinned-judge.ts";

let folder: Scratch;
let bundle: PolicyBundle;

beforeAll(async () => {
  folder = await scratch();
  bundle = await ourBundle();
});
afterAll(() => folder[Symbol.asyncDispose]());

const explained = (question: Asked, by = bundle) => explain({ opa, bundle: by, question });

describe("explain", () => {
  it("names the rules that fired, with what they said", async () => {
    const { verdict, fired, engines_agree } = await explained(sendMail);
    expect(verdict.effect).toBe("deny");
    expect(engines_agree).toBe(true);
    expect(fired.map(({ rule, effect }) => [rule, effect])).toEqual([
      ["rpc.caller_trait", "deny"],
      ["rpc.granted", "allow"],
    ]);
    expect(fired[0]?.said).toEqual([
      expect.objectContaining({ message: "The caller lacks a trait that the operation asks for: handles_pii" }),
    ]);
  });

  it("shows the condition that failed: where, which of how many, and the values in it", async () => {
    const granted = await explained(but(sendMail, { subject: { id: "newsletter", traits: ["handles_pii"] } }));
    const near = Object.fromEntries(granted.near.map(({ rule, failed }) => [rule, failed]));
    expect(near["rpc.not_granted"]).toMatchObject({
      file: "vivified/rpc/invoke/invoke.rego",
      text: "not input.grant",
      number: 1,
      of: 1,
      passed: 0,
      values: [{ text: "input.grant", value: { id: "g-1" } }],
    });
    expect(near["rpc.caller_trait"]).toMatchObject({ number: 1, of: 1, passed: 0 });
    expect(near["rpc.caller_trait"]?.text).toBe(
      "some trait in traits.missing(input.resource.requires_traits, input.subject.traits)",
    );
    expect(near["rpc.caller_trait"]?.values).toContainEqual({ text: "input.subject.traits", value: ["handles_pii"] });
    expect(near["rpc.caller_trait"]?.values).toContainEqual({
      text: "traits.missing(input.resource.requires_traits, input.subject.traits)",
      value: [],
    });
  });

  it("says of a rule without conditions what it could not say, because it is undefined", async () => {
    const { near } = await explained(but(sendMail, { grant: undefined }));
    expect(near.find(({ rule }) => rule === "rpc.granted")?.failed).toMatchObject({
      number: 0,
      text: "grounds contains reason.about(rego.metadata.rule(), input.grant.id)",
      values: [{ text: "input.grant.id" }],
    });
  });

  it("sorts near misses by what is missing, and shows variables of the conditions before", async () => {
    const rules = [
      "# METADATA\n# title: Far\n# custom: {id: rpc.far, severity: low, fix: none}",
      'denials contains reason.from(rego.metadata.rule()) if {\n\tinput.resource.plugin == "x"\n\tinput.resource.operation == "y"\n}',
      "# METADATA\n# title: Near\n# custom: {id: rpc.near, severity: low, fix: none}",
      'denials contains reason.from(rego.metadata.rule()) if {\n\tinput.resource.plugin == "email-gateway"\n\tsome field in input.fields\n\t"phi" in field.traits\n\tfield.path == "/secret"\n}\n',
    ].join("\n");
    const file = "vivified/rpc/invoke/invoke.rego";
    const edited = await editedBundle(folder, [
      [
        file,
        "# METADATA\n# title: The operation is granted",
        `${rules}\n# METADATA\n# title: The operation is granted`,
      ],
    ]);
    const { near } = await explained(sendMail, edited);
    const [nearest, ...others] = near;
    expect(nearest?.rule).toBe("rpc.near");
    expect(nearest?.failed).toMatchObject({ text: 'field.path == "/secret"', number: 4, of: 4, passed: 3, tries: 1 });
    expect(nearest?.failed.values).toEqual([{ text: "field.path", value: "/diagnosis" }]);
    expect(others.find(({ rule }) => rule === "rpc.far")?.failed).toMatchObject({ number: 1, of: 2, passed: 0 });
  });

  it("tells for each obligation the trait it comes from, and who would see the field", async () => {
    const { verdict, origins } = await explained(but(sendMail, { subject: { id: "x", traits: ["handles_pii"] } }));
    expect(verdict.effect).toBe("sanitize");
    expect(origins).toEqual([
      {
        ...{ path: "/diagnosis", action: "remove", traits: ["phi"], rules: [] },
        cleared_by: [{ party: "email-gateway", trait: "handles_phi" }],
      },
    ]);
  });

  it("finds the single fact that would turn a denial", async () => {
    const { counterfactuals } = await explained(sendMail);
    expect(counterfactuals.map(({ facts }) => facts)).toEqual([
      ["newsletter had the trait handles_pii"],
      ["the operation did not ask for handles_pii"],
    ]);
  });

  it("finds the smallest set when one fact is not enough", async () => {
    const { counterfactuals } = await explained(but(sendMail, { grant: undefined }));
    expect(counterfactuals[0]?.facts).toEqual(["an operator granted it", "newsletter had the trait handles_pii"]);
    expect(counterfactuals.every(({ facts }) => facts.length === 2)).toBe(true);
  });

  it("notices when the log says something else", async () => {
    await using judge = await openPinnedJudge(bundle);
    const logged = await judge.judge(sendMail);
    const question = sendMail;
    expect((await explain({ opa, bundle, question, logged })).log_agrees).toBe(true);
    const other = { ...logged, reasons: logged.reasons.map((reason) => ({ ...reason, fix: "" })) };
    expect((await explain({ opa, bundle, question, logged: other })).log_agrees).toBe(false);
  });

  it("explains a question with hundreds of fields", async () => {
    const fields = Array.from({ length: 300 }, (_, index) => ({ path: `/f${index}`, type: "string", traits: ["pii"] }));
    const question = { ...sendMail, input: { ...sendMail.input, fields } };
    const { fired, traced_fields, engines_agree } = await explained(question);
    expect(traced_fields).toBe(1);
    expect(engines_agree).toBe(true);
    expect(fired.map(({ rule }) => rule)).toContain("rpc.caller_trait");
  });

  it("does not take a bound of the engine for a disagreement", async () => {
    const fields = [{ path: `/${"x".repeat(300 * 1024)}`, type: "string", traits: [] }];
    const told = await explained({ ...sendMail, input: { ...sendMail.input, fields } });
    expect(told).toMatchObject({ engines_agree: true, bounded_by: "pdp.input_too_large" });
    expect(told.verdict.reasons).toMatchObject([{ rule: "pdp.input_too_large" }]);
  });

  it("refuses rules that OPA cannot evaluate", async () => {
    const broken = { ...bundle, sources: new Map([["vivified/x.rego", "package"]]) };
    await expect(explained(sendMail, broken)).rejects.toMatchObject({ code: "invalid_config" });
  });

  it("explains a customer's rules: fired, nearly, in report, asking for a field, and keyed to others", async () => {
    const custom = [
      rule(
        "night",
        'deny["email-gateway.send_email"] contains reason.from(rego.metadata.rule()) if input.resource.plugin != "x"',
      ),
      rule("never", 'deny["*"] contains reason.from(rego.metadata.rule()) if input.subject.id == "nobody"'),
      rule("other", 'deny["user-management.get_user"] contains reason.from(rego.metadata.rule()) if true'),
      rule("to", 'obligations["*"] contains {"rule": "custom.to", "path": "/to", "action": "redact"} if input.grant'),
    ];
    const text = `package custom.rpc.invoke\n\nimport data.vivified.reason\n\n${custom.join("\n\n")}\n`;
    const modes = '{"custom.night": "report"}';
    const by = await bundleWith(folder, { "custom/rpc/invoke/mine.rego": text, "modes.json": modes });
    const asked = but(sendMail, { subject: { id: "newsletter", traits: ["handles_pii"] } });
    const told = await explained(asked, by);
    expect(told.engines_agree).toBe(true);
    expect(told.verdict).toMatchObject({ effect: "sanitize", would_deny: [{ rule: "custom.night" }] });
    expect(told.fired).toContainEqual(expect.objectContaining({ rule: "custom.night", mode: "report" }));
    expect(told.near).toContainEqual(expect.objectContaining({ rule: "custom.never", effect: "deny" }));
    expect(told.origins.find(({ path }) => path === "/to")).toMatchObject({
      action: "redact",
      rules: ["custom.to"],
      traits: [],
    });
    expect(told.not_tried).toBe(1);
  });
});

const rule = (name: string, text: string): string =>
  `# METADATA\n# title: ${name}\n# description: A test.\n# custom:\n#   id: custom.${name}\n#   severity: low\n#   fix: none\n${text}`;
