import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { policyReference } from "./policy-reference.fixtures.ts";

const page = fileURLToPath(new URL("../../docs/reference/policies.md", import.meta.url));

const introduction = `
# Policy rules

Every decision names the rules that it rests on. This page is made from the rules' own annotations
(\`npm test -- --only vitest pdp -u\` writes it anew, a test holds it to them); [docs/explanation/policy.md](../explanation/policy.md) says how they play together.
What is not granted is denied; \`sanitize\` is an allow with obligations on fields.
`;

describe("docs/reference/policies.md", () => {
  it("says what the rules say of themselves", async () => {
    await expect(await policyReference(introduction)).toMatchFileSnapshot(page);
  });
});
