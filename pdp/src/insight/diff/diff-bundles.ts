import { join } from "node:path";
import type { PolicyBundle, PolicyRule } from "../../bundle/policy-bundle.ts";
import { parseRules, type RuleSource } from "../trace/rule-source.ts";
import { stageSources } from "../trace/trace-question.ts";
import { type DataChange, diffData } from "./diff-data.ts";

/** A rule that is in both, and what of it changed: `text`, `mode`, `title`, `severity` … */
export type ChangedRule = { readonly rule: string; readonly title: string; readonly changes: readonly RuleChange[] };
export type RuleChange = { readonly what: string; readonly from: string; readonly to: string };

/** A rule without an id, such as a function that others use. */
export type ChangedHelper = {
  readonly file: string;
  readonly name: string;
  readonly change: "added" | "removed" | "changed";
};

export type BundleDiff = {
  readonly from: string;
  readonly to: string;
  readonly added: readonly PolicyRule[];
  readonly removed: readonly PolicyRule[];
  readonly changed: readonly ChangedRule[];
  readonly helpers: readonly ChangedHelper[];
  readonly data: readonly DataChange[];
};

export type DiffOptions = { readonly opa: string; readonly from: PolicyBundle; readonly to: PolicyBundle };

/** What differs between two bundles: rules by id, the rest of the Rego by name, data by path. */
export async function diffBundles({ opa, from, to }: DiffOptions): Promise<BundleDiff> {
  const [before, after] = await Promise.all([parsed(opa, from, to), parsed(opa, to, from)]);
  const { modes: _from, ...dataBefore } = from.data;
  const { modes: _to, ...dataAfter } = to.data;
  return {
    from: from.revision,
    to: to.revision,
    added: to.rules.filter(({ id }) => !hasRule(from, id)),
    removed: from.rules.filter(({ id }) => !hasRule(to, id)),
    changed: changedRules({ from, to, before, after }),
    helpers: changedHelpers(before, after),
    data: diffData(dataBefore, dataAfter),
  };
}

const hasRule = ({ rules }: PolicyBundle, id: string): boolean => rules.some((rule) => rule.id === id);

/** The rules of the files that the other bundle does not have as they are. */
async function parsed(opa: string, bundle: PolicyBundle, other: PolicyBundle): Promise<readonly RuleSource[]> {
  const files = [...bundle.sources].filter(([path, text]) => other.sources.get(path) !== text).map(([path]) => path);
  if (files.length === 0) return [];
  await using staged = await stageSources(bundle);
  return (await Promise.all(files.map((file) => parseRules(opa, join(staged.directory, "policy"), file)))).flat();
}

type Compared = Omit<DiffOptions, "opa"> & {
  readonly before: readonly RuleSource[];
  readonly after: readonly RuleSource[];
};

const told = ["title", "description", "severity", "fix", "mode"] as const;

function changedRules({ from, to, before, after }: Compared): ChangedRule[] {
  return to.rules.flatMap((rule) => {
    const old = from.rules.find(({ id }) => id === rule.id);
    if (old === undefined) return [];
    const metadata = told.flatMap((what) => changeOf(what, old[what], rule[what]));
    const changes = [...metadata, ...changeOf("text", textOf(before, rule.id), textOf(after, rule.id))];
    return changes.length === 0 ? [] : [{ rule: rule.id, title: rule.title, changes }];
  });
}

const changeOf = (what: string, from: string, to: string): RuleChange[] => (from === to ? [] : [{ what, from, to }]);

const textOf = (rules: readonly RuleSource[], id: string): string =>
  rules.flatMap((rule) => (rule.id === id ? [rule.text] : [])).join("\n\n");

function changedHelpers(before: readonly RuleSource[], after: readonly RuleSource[]): ChangedHelper[] {
  const [was, is] = [helpers(before), helpers(after)];
  return [...new Set([...was.keys(), ...is.keys()])].sort().flatMap((key) => {
    const [file = "", name = ""] = key.split(" ");
    if (was.get(key) === is.get(key)) return [];
    const change = was.has(key) ? (is.has(key) ? "changed" : "removed") : "added";
    return [{ file, name, change }];
  });
}

function helpers(rules: readonly RuleSource[]): ReadonlyMap<string, string> {
  const unnamed = rules.filter(({ id }) => id === undefined);
  const byName = Map.groupBy(unnamed, ({ file, name }) => `${file} ${name}`);
  return new Map([...byName].map(([key, all]) => [key, all.map(({ text }) => text).join("\n\n")]));
}
