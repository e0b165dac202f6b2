import type { UnjudgedReason } from "../read-record.ts";
import type { ChangeGroup } from "./change-groups.ts";

type Asked = { readonly entrypoint: string; readonly caller: string };

/** Let through before and denied now, or the other way round; `rules` are those that deny. */
export type Flip = ChangeGroup<
  Asked & { readonly from: "allow" | "deny"; readonly to: "allow" | "deny"; readonly rules: readonly string[] }
>;
/** What happens to one field of one kind of question; `keep` is nothing. */
export type ChangedField = ChangeGroup<Asked & { readonly path: string; readonly from: string; readonly to: string }>;
export type NewlyFailing = ChangeGroup<Asked & { readonly rule: string }>;
/** What rules in mode `report` would do now, or no longer. */
export type ReportedChange = ChangeGroup<Asked & { readonly change: "added" | "removed"; readonly what: string }>;
export type ChangedReasons = ChangeGroup<Asked & { readonly from: readonly string[]; readonly to: readonly string[] }>;

/** Classes of judged records; each record is in one of them, by its gravest change. */
export const replayClasses = [
  "unchanged",
  "failing",
  "allow_to_deny",
  "deny_to_allow",
  "fields",
  "reported",
  "reasons",
] as const;
export type ReplayClass = (typeof replayClasses)[number];

/** What a candidate makes of decisions of the past. The lists hold most frequent changes first. */
export type ReplayReport = {
  readonly candidate: string;
  /** What it was compared with: the answers in the log, or those of another revision. */
  readonly against: string;
  readonly records: {
    readonly read: number;
    readonly judged: number;
    /** Questions among them that had to be evaluated. */
    readonly evaluated: number;
    readonly not_judged: { readonly [Reason in UnjudgedReason]: number };
  };
  readonly totals: { readonly [Class in ReplayClass]: number };
  readonly flips: readonly Flip[];
  readonly fields: readonly ChangedField[];
  readonly newly_failing: readonly NewlyFailing[];
  readonly reported: readonly ReportedChange[];
  readonly reasons: readonly ChangedReasons[];
  /** Changes that are counted in `totals` and in no list, because there were too many kinds. */
  readonly ungrouped: number;
};
