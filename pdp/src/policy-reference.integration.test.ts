import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { annotatedQuestions } from "./policy-annotations.fixtures.ts";
import { policyReference, rulePage } from "./policy-reference.fixtures.ts";

const reference = fileURLToPath(new URL("../../docs/reference", import.meta.url));

const introduction = `
# Policy rules

Every decision names the rules that it rests on. This page and a page per rule are made from the rules' own annotations
(\`npm test -- --only vitest pdp -u\` writes them anew, a test holds them to it); [docs/explanation/policy.md](../explanation/policy.md) says how they play together.
What is not granted is denied; \`sanitize\` is an allow with obligations on fields.
`;

const questions = await annotatedQuestions();
const pages = questions.flatMap((question) => question.rules.map((rule) => ({ id: rule.id, rule, question })));

describe("docs/reference/policies.md", () => {
  it("says what the rules say of themselves", async () => {
    await expect(policyReference(introduction, questions)).toMatchFileSnapshot(`${reference}/policies.md`);
  });
});

describe("docs/reference/policies", () => {
  it.each(pages)("has a page for $id", async ({ id, rule, question }) => {
    expect(rule).not.toMatchObject({ text: "" });
    await expect(rulePage(rule, question)).toMatchFileSnapshot(`${reference}/policies/${id}.md`);
  });

  it("has no page for a rule that is gone", () => {
    const known = new Set(pages.map(({ id }) => `${id}.md`));
    expect(readdirSync(`${reference}/policies`).filter((file) => !known.has(file))).toEqual([]);
  });
});
