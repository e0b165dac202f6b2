import { type PlatformRule, platformRules } from "@vivified/contracts";
import type { AnnotatedQuestion, AnnotatedRule } from "./policy-annotations.fixtures.ts";

/** `docs/reference/policies.md`: every rule on a line. */
export function policyReference(introduction: string, questions: readonly AnnotatedQuestion[]): string {
  return [introduction.trim(), ...questions.map(section), platformSection(), ""].join("\n\n");
}

/** `docs/reference/policies/<id>.md`: one rule. */
export function rulePage(rule: AnnotatedRule, { entrypoint, title }: AnnotatedQuestion): string {
  return `# \`${rule.id}\`: ${rule.title}

${rule.description}

| | |
|---|---|
| question | \`${entrypoint}\`: ${title} |
| effect | ${effectOf(rule)} |
| ${rule.effect === "denies" ? "what would have to change" : "what would end it"} | ${rule.fix} |

\`\`\`rego
${rule.text}
\`\`\`

From [policies/${rule.file}](../../../policies/${rule.file}). [All rules](../policies.md), and [how they play together](../../explanation/policy.md).
`;
}

const effectOf = ({ effect, severity }: AnnotatedRule) => (effect === "denies" ? `denies, ${severity}` : "allows");

function section({ entrypoint, title, description, rules }: AnnotatedQuestion): string {
  const rows = rules.map(
    (rule) =>
      `| [\`${rule.id}\`](policies/${rule.id}.md) | ${effectOf(rule)} | **${rule.title}.** ${rule.description} | ${rule.fix} |`,
  );
  return [`## \`${entrypoint}\`: ${title}`, "", description, "", ...table(rows)].join("\n");
}

function platformSection(): string {
  const rules = Object.keys(platformRules).sort() as PlatformRule[];
  const rows = rules.map((rule) => `| \`${rule}\` | denies, high | **${platformRules[rule]}.** | |`);
  const ungrounded =
    "| `policy.no_ground` | denies, high | **No rule and no grant allows this.** | ask an operator for a grant |";
  const unreadable =
    "| `policy.unreadable_obligation` | denies, high | **A customer's rule asks for something that cannot be read.** | let the rule give an object with rule, path and action |";
  const text = "Given in place of a policy's answer when there is none that counts.";
  return ["## The platform's own rules", "", text, "", ...table([...rows, ungrounded, unreadable])].join("\n");
}

const table = (rows: readonly string[]): string[] => [
  "| rule | effect | what it says | what would change it |",
  "|---|---|---|---|",
  ...rows,
];
