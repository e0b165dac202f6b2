import type { LoggedQuestion } from "../question.ts";
import { type UnjudgedReason, unjudgedReasons } from "../read-record.ts";
import { createChangeGroups } from "./change-groups.ts";
import type { VerdictChange } from "./compare-verdicts.ts";
import {
  type ChangedField,
  type ChangedReasons,
  type Flip,
  type NewlyFailing,
  type ReplayClass,
  type ReplayReport,
  type ReportedChange,
  replayClasses,
} from "./replay-report.ts";

type Counted = "count" | "examples";

const newGroups = () => ({
  flips: createChangeGroups<Omit<Flip, Counted>>(),
  fields: createChangeGroups<Omit<ChangedField, Counted>>(),
  newly_failing: createChangeGroups<Omit<NewlyFailing, Counted>>(),
  reported: createChangeGroups<Omit<ReportedChange, Counted>>(),
  reasons: createChangeGroups<Omit<ChangedReasons, Counted>>(),
});
type Groups = ReturnType<typeof newGroups>;

export type Tally = {
  readonly skip: (reason: UnjudgedReason) => void;
  readonly count: (record: LoggedQuestion, change: VerdictChange) => void;
  readonly report: (about: Pick<ReplayReport, "candidate" | "against">, evaluated: number) => ReplayReport;
};

/** Counts what became of each record, in bounded memory. */
export function createTally(): Tally {
  const totals = zeroes<ReplayClass>(replayClasses);
  const not_judged = zeroes<UnjudgedReason>(unjudgedReasons);
  const groups = newGroups();
  return {
    skip: (reason) => {
      not_judged[reason]++;
    },
    count: (record, change) => {
      totals[classOf(change)]++;
      group(groups, record, change);
    },
    report: (about, evaluated) => {
      const judged = sum(totals);
      const records = { read: judged + sum(not_judged), judged, evaluated, not_judged: { ...not_judged } };
      return { ...about, records, totals: { ...totals }, ...listed(groups) };
    },
  };
}

function listed(groups: Groups) {
  return {
    flips: groups.flips.list(),
    fields: groups.fields.list(),
    newly_failing: groups.newly_failing.list(),
    reported: groups.reported.list(),
    reasons: groups.reasons.list(),
    ungrouped: Object.values(groups).reduce((all, one) => all + one.ungrouped(), 0),
  };
}

function group(groups: Groups, { decision_id: id, entrypoint, caller }: LoggedQuestion, change: VerdictChange): void {
  const asked = { entrypoint, caller };
  if (change.kind === "failing") groups.newly_failing.add({ ...asked, rule: change.rule }, id);
  if (change.kind === "reasons") groups.reasons.add({ ...asked, from: change.from, to: change.to }, id);
  if (change.kind === "flip") groups.flips.add({ ...asked, from: change.from, to: change.to, rules: change.rules }, id);
  if (change.kind === "fields") for (const field of change.fields) groups.fields.add({ ...asked, ...field }, id);
  if (change.kind !== "reported") return;
  for (const what of change.added) groups.reported.add({ ...asked, change: "added", what }, id);
  for (const what of change.removed) groups.reported.add({ ...asked, change: "removed", what }, id);
}

function classOf(change: VerdictChange): ReplayClass {
  if (change.kind === "same") return "unchanged";
  if (change.kind === "flip") return change.to === "deny" ? "allow_to_deny" : "deny_to_allow";
  return change.kind;
}

const sum = (counts: { readonly [name: string]: number }): number => Object.values(counts).reduce((a, b) => a + b, 0);

const zeroes = <Name extends string>(names: readonly Name[]): Record<Name, number> =>
  Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
