import type { ExpectationReport, ReplayReport } from "@vivified/pdp";
import { type ExitCode, exitCodes } from "./exit-codes.ts";

/** A replay, held against the changes that were announced. */
export type HeldReport = ReplayReport & ExpectationReport;

/** The grave first. Changes that fit into no list cannot have been declared. */
export function verdictOfReplay(report: HeldReport): ExitCode {
  if (report.totals.failing > 0) return exitCodes.failing;
  const undeclared = report.undeclared_flips.length + report.undeclared_fields.length + report.ungrouped;
  return undeclared > 0 ? exitCodes.differs : exitCodes.fine;
}

/** The same as a sentence. */
export function conclusion(report: HeldReport): string {
  const { failing, allow_to_deny, deny_to_allow, fields } = report.totals;
  if (failing > 0) return "The candidate gives no answer where there was one.";
  if (verdictOfReplay(report) === exitCodes.differs) return "There are changes that nobody declared.";
  return allow_to_deny + deny_to_allow + fields > 0 ? "Every change was declared." : "No decision changes.";
}

const names = {
  unchanged: "come out the same",
  failing: "get no answer any more",
  allow_to_deny: "allowed then, denied now",
  deny_to_allow: "denied then, allowed now",
  fields: "allowed with other fields",
  reported: "other reports by rules in mode report",
  reasons: "the same for other reasons",
} as const satisfies Record<keyof ReplayReport["totals"], string>;

const unjudged = {
  no_policy: "no policy was asked about them",
  no_input: "the question was too large to be kept",
  masked: "the log keeps less of the question than was asked",
  outcome: "they tell what became of a decision",
  unreadable: "they are no records of decisions",
} as const satisfies Record<keyof ReplayReport["records"]["not_judged"], string>;

/** Each class of judged records that there are, in words. */
export const classRows = ({
  totals,
}: ReplayReport): readonly (readonly [name: keyof typeof names, words: string, count: number])[] =>
  entriesOf(totals).flatMap(([name, count]) =>
    count > 0 || name === "unchanged" ? [[name, names[name], count] as const] : [],
  );

/** Why records were not judged, in words. */
export const unjudgedRows = ({ records }: ReplayReport): readonly (readonly [words: string, count: number])[] =>
  entriesOf(records.not_judged).flatMap(([name, count]) => (count > 0 ? [[unjudged[name], count] as const] : []));

const entriesOf = <Name extends string>(counts: { readonly [Key in Name]: number }) =>
  Object.entries(counts) as [Name, number][];
