import { type PlatformRule, platformRules } from "@vivified/contracts";
import { opa, ourPolicies } from "./bundle/policies.fixtures.ts";
import { runOpa } from "./bundle/run-opa.ts";
import { allEntrypoints } from "./entrypoints.ts";

type Annotation = {
  readonly path: readonly { readonly value: string }[];
  readonly annotations: {
    readonly scope: string;
    readonly title?: string;
    readonly description?: string;
    readonly custom?: { readonly id?: string; readonly severity?: string; readonly fix?: string };
  };
};

/** `docs/reference/policies.md`, from what the rules say of themselves. */
export async function policyReference(introduction: string): Promise<string> {
  const printed = await runOpa({
    opa,
    cwd: ourPolicies,
    args: ["inspect", "--annotations", "--format", "json", "vivified"],
  });
  const { annotations }: { annotations: Annotation[] } = JSON.parse(printed);
  const sections = allEntrypoints.map((entrypoint) => section(entrypoint, annotations));
  return [introduction.trim(), ...sections, platformSection(), ""].join("\n\n");
}

function section(entrypoint: string, all: readonly Annotation[]): string {
  const prefix = `data/vivified/${entrypoint}`;
  const ours = all.map((one) => ({ ...one, place: one.path.map(({ value }) => value).join("/") }));
  const about = ours.find(({ place, annotations }) => place === prefix && annotations.scope === "package");
  const rows = ours.flatMap(({ place, annotations: { title, description, custom } }) => {
    if (!place.startsWith(`${prefix}/`) || custom?.id === undefined) return [];
    const effect = place.endsWith("/denials") ? `denies, ${custom.severity}` : "allows";
    return [`| \`${custom.id}\` | ${effect} | **${title}.** ${description} | ${custom.fix} |`];
  });
  const { title = "", description = "" } = about?.annotations ?? {};
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
