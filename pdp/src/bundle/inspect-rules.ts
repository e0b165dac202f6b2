import { VivifiedError } from "@vivified/runtime";
import type { ManifestRule } from "./bundle-manifest.ts";
import type { SourceFile } from "./read-sources.ts";
import { runOpa } from "./run-opa.ts";
import { stage } from "./staged.ts";

type Inspected = {
  readonly annotations?: readonly {
    readonly path: readonly { readonly value: string }[];
    readonly annotations: {
      readonly title?: string;
      readonly description?: string;
      readonly custom?: { readonly id?: string; readonly severity?: string; readonly fix?: string };
    };
  }[];
};

const effects = { denials: "deny", deny: "deny", grounds: "allow", obligations: "oblige" } as const;
type Kind = keyof typeof effects;

/**
 * What rules say of themselves, by OPA's own reading of their annotations; each id once.
 *
 * @throws VivifiedError `invalid_config` for a customer's rule that goes by an id of the platform's: modes and records
 *   know rules by their id alone
 */
export async function inspectRules(opa: string, files: readonly SourceFile[]): Promise<ManifestRule[]> {
  await using staged = await stage(files);
  const printed = await runOpa({
    opa,
    cwd: staged.directory,
    args: ["inspect", "--annotations", "--format", "json", "."],
  });
  const { annotations = [] }: Inspected = JSON.parse(printed);
  const byId = new Map<string, ManifestRule>();
  const rules = annotations.flatMap(ruleOf);
  refuseBorrowedIds(rules);
  for (const rule of rules) if (!byId.has(rule.id)) byId.set(rule.id, rule);
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** A rule is what has an id and adds to one of the sets that decide. */
function ruleOf({ path, annotations }: NonNullable<Inspected["annotations"]>[number]): ManifestRule[] {
  const names = path.map(({ value }) => value).slice(1);
  const at = names.findIndex(isKind);
  const kind = names[at];
  const { title = "", description = "", custom = {} } = annotations;
  if (kind === undefined || !isKind(kind) || custom.id === undefined) return [];
  const { id, severity = "", fix = "" } = custom;
  return [{ id, title, description, severity, fix, package: names.slice(0, at).join("."), effect: effects[kind] }];
}

function refuseBorrowedIds(rules: readonly ManifestRule[]): void {
  const borrowed = rules.filter(({ id, package: place }) => /^custom\./.test(place) && !id.startsWith("custom."));
  if (borrowed.length === 0) return;
  const detail = borrowed.map(({ id, package: place }) => `${place}: the id ${id} does not begin with custom.`);
  throw new VivifiedError("invalid_config", { detail: detail.join("\n") });
}

const isKind = (name: string): name is Kind => Object.hasOwn(effects, name);
