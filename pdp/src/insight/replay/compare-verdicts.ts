import { type Obligation, platformRules, type Reason, type Verdict } from "@vivified/contracts";

export type FieldChange = { readonly path: string; readonly from: string; readonly to: string };

/** How one verdict differs from another; `same` is all of it but the order of its keys. */
export type VerdictChange =
  | { readonly kind: "same" }
  /** Policy gives no answer any more. */
  | { readonly kind: "failing"; readonly rule: string }
  | {
      readonly kind: "flip";
      readonly from: "allow" | "deny";
      readonly to: "allow" | "deny";
      readonly rules: readonly string[];
    }
  /** Let through both times, with other fields. */
  | { readonly kind: "fields"; readonly fields: readonly FieldChange[] }
  /** What rules in mode `report` would do. */
  | { readonly kind: "reported"; readonly added: readonly string[]; readonly removed: readonly string[] }
  /** The same is done for other reasons. */
  | { readonly kind: "reasons"; readonly from: readonly string[]; readonly to: readonly string[] };

/** Compares two verdicts on one question; of several differences the gravest is told. */
export function compareVerdicts(before: Verdict, after: Verdict): VerdictChange {
  if (verdictText(before) === verdictText(after)) return { kind: "same" };
  const failure = failureOf(after);
  if (failure !== undefined && failureOf(before) !== failure) return { kind: "failing", rule: failure };
  const [from, to] = [passage(before), passage(after)];
  if (from !== to) return { kind: "flip", from, to, rules: rulesOf((to === "deny" ? after : before).reasons) };
  const fields = fieldChanges(before.obligations, after.obligations);
  if (fields.length > 0) return { kind: "fields", fields };
  const [was, is] = [reported(before), reported(after)];
  const [added, removed] = [[...is.difference(was)], [...was.difference(is)]];
  if (added.length + removed.length > 0) return { kind: "reported", added, removed };
  return { kind: "reasons", from: rulesOf(before.reasons), to: rulesOf(after.reasons) };
}

/** One text for one verdict, whatever the order of its keys. */
function verdictText({ effect, reasons, obligations, would_deny = [], would_sanitize = [] }: Verdict): string {
  const why = (of: readonly Reason[]) => of.map(({ rule, message, fix }) => [rule, message, fix]);
  const what = (of: readonly Obligation[]) => of.map(({ path, action }) => [path, action]);
  return JSON.stringify([effect, why(reasons), what(obligations), why(would_deny), what(would_sanitize)]);
}

const passage = ({ effect }: Verdict): "allow" | "deny" => (effect === "deny" ? "deny" : "allow");

const failureOf = ({ reasons }: Verdict): string | undefined =>
  reasons.find(({ rule }) => Object.hasOwn(platformRules, rule) && rule.startsWith("pdp."))?.rule;

const rulesOf = (reasons: readonly Reason[]): string[] => [...new Set(reasons.map(({ rule }) => rule))].sort();

/** `keep` is what happens to a field that no obligation names. */
function fieldChanges(before: readonly Obligation[], after: readonly Obligation[]): FieldChange[] {
  const actions = (of: readonly Obligation[]) => new Map(of.map(({ path, action }) => [path, action] as const));
  const [was, is] = [actions(before), actions(after)];
  const paths = [...new Set([...was.keys(), ...is.keys()])].sort();
  return paths.flatMap((path) => {
    const [from, to] = [was.get(path) ?? "keep", is.get(path) ?? "keep"];
    return from === to ? [] : [{ path, from, to }];
  });
}

const reported = ({ would_deny = [], would_sanitize = [] }: Verdict): Set<string> =>
  new Set([
    ...would_deny.map(({ rule }) => `deny ${rule}`),
    ...would_sanitize.map(({ path, action }) => `${action} ${path}`),
  ]);
