import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { JsonObject, JsonValue, PolicyInputs, Verdict } from "@vivified/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildBundle } from "./bundle/build-bundle.ts";
import { opa, ourPolicies, scratch } from "./bundle/policies.fixtures.ts";
import { interpretCases } from "./cases/interpret-cases.ts";
import { openPdp } from "./engine/open-pdp.ts";
import type { AnyEntrypoint } from "./entrypoints.ts";
import type { Question } from "./insight/question.ts";

/** What customers write about values: each rule says what it found, so that a difference shows in the reasons. */
const rules = `package custom.rpc.invoke

said(what, value) := {"rule": concat(".", ["custom", what]), "message": value, "fix": type_name(value)}

deny["*"] contains said("text", value) if {
	some value in input.attributes
	is_string(value)
}

deny["*"] contains said("key", key) if some key, _ in input.attributes

deny["*"] contains said("turned", value) if {
	some text in input.attributes
	is_string(text)
	value := strings.reverse(trim_space(text))
}

deny["*"] contains said("large", key) if {
	some key, value in input.attributes
	value > 0.1
}

deny["*"] contains said("ordered", one) if {
	some one, value in input.attributes
	some other in input.attributes
	value < other
}

deny["*"] contains said("whole", key) if {
	some key, value in input.attributes
	is_number(value)
	round(value) == value
	abs(value) >= max({value, 0})
}

deny["*"] contains said("nothing", key) if {
	some key, value in input.attributes
	value in {null, "", 0, false, [], {}}
}

deny["*"] contains said("joined", value) if {
	value := concat("|", sort([key | some key, _ in input.attributes]))
}

deny["*"] contains said("parts", value) if {
	some text in input.attributes
	is_string(text)
	some value in split(text, "a")
}

deny["*"] contains said("deep", key) if {
	some key, nested in input.attributes
	count([node | walk(nested, [_, node])]) > 3
	nested == json_like(nested)
}

json_like(value) := object.union(value, {}) if is_object(value)

json_like(value) := array.concat(value, []) if is_array(value)

deny["*"] contains said("same", key) if {
	some key, value in input.attributes
	{value, value} == {value}
	{one | some one in [value, value]} == {value}
}
`;

/** U+0000 is refused before a policy sees it. */
const text = fc
  .oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), fc.constantFrom("", "ß", "İ", "\u2028", "😀a"))
  .map((any) => any.replaceAll("\0", ""));
const number = fc.oneof(
  fc.maxSafeInteger(),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .filter((value) => !Number.isInteger(value) || Number.isSafeInteger(value)),
  fc.constantFrom(0, -0, 0.1, 0.30000000000000004, 1e-7, 5e-324, 2 ** 53 - 1, 1 - 2 ** 53),
);
const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.oneof(text, number, fc.boolean(), fc.constant(null)),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(text, tie("value"), { maxKeys: 3, noNullPrototype: true }),
  ),
}));

const asking = fc.dictionary(text, value, { maxKeys: 4, noNullPrototype: true }).map((attributes): Question => {
  const resource = { plugin: "p", operation: "o", traits: [], requires_traits: [] };
  const input: JsonObject = { subject: { id: "s", traits: [] }, resource, grant: { id: "g" }, fields: [], attributes };
  return { entrypoint: "rpc/invoke", input: JSON.parse(JSON.stringify(input)) };
});

const asText = (verdict: Verdict): string => JSON.stringify(verdict);

describe("values of every kind", () => {
  it("mean the same to a customer's rules on both engines", async () => {
    await using folder = await scratch();
    const customer = folder.path("customer");
    await mkdir(join(customer, "custom/rpc/invoke"), { recursive: true });
    await writeFile(join(customer, "custom/rpc/invoke/rules.rego"), rules);
    const { bundle } = await buildBundle({ opa, source: { floor: ourPolicies, customer } });
    await using pdp = await openPdp({ bundle, maxCachedAnswers: 0 });
    const seed = Math.trunc(Math.random() * 2 ** 31);
    const questions = fc.sample(asking, { numRuns: 1_000, seed });
    const answers = await interpretCases({ opa, bundle }, questions);
    for (const [index, { entrypoint, input }] of questions.entries()) {
      const asked = input as unknown as PolicyInputs[AnyEntrypoint];
      const { id: _, entrypoint: _asked, revision: _revision, ...verdict } = await pdp.decide(entrypoint, asked);
      const interpreted = answers[index];
      if (interpreted === undefined) throw new Error("the interpreter gave no answer");
      expect(asText(verdict), `seed ${seed}: ${JSON.stringify(input.attributes)}`).toBe(asText(interpreted));
    }
  }, 120_000);
});
