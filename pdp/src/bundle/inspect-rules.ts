import { VivifiedError } from "@vivified/runtime";
import type { ManifestRule } from "./bundle-manifest.ts";
import type { SourceFile } from "./read-sources.ts";
import { runOpa } from "./run-opa.ts";
import { stage } from "./staged.ts";

type Inspected = {
  /** Files by the package that is in them: `{"data.custom.rpc.invoke": ["custom/rpc/invoke/night.rego"]}`. */
  readonly namespaces?: { readonly [namespace: string]: readonly string[] };
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
 * @throws VivifiedError `invalid_config` for a customer's file whose package is not below `custom`
 */
export async function inspectRules(opa: string, files: readonly SourceFile[]): Promise<ManifestRule[]> {
  await using staged = await stage(files);
  const printed = await runOpa({
    opa,
    cwd: staged.directory,
    args: ["inspect", "--annotations", "--format", "json", "."],
  });
  const { annotations = [], namespaces = {} }: Inspected = JSON.parse(printed);
  refuseStrangers(namespaces);
  const byId = new Map<string, ManifestRule>();
  for (const rule of annotations.flatMap(ruleOf)) if (!byId.has(rule.id)) byId.set(rule.id, rule);
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Whatever a customer's rule says, it says it in a place where it can only deny and oblige. */
function refuseStrangers(namespaces: NonNullable<Inspected["namespaces"]>): void {
  for (const [namespace, files] of Object.entries(namespaces)) {
    const stranger = files.find((file) => file.startsWith("custom/") && !/^data\.custom(\.|\[|$)/.test(namespace));
    if (stranger === undefined) continue;
    const detail = `${stranger}: its package is ${namespace.replace(/^data\./, "")}, and a customer's is below custom`;
    throw new VivifiedError("invalid_config", { detail });
  }
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

const isKind = (name: string): name is Kind => Object.hasOwn(effects, name);
