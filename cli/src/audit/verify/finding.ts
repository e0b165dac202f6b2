/** What can be wrong with an export. */
export const findingKinds = [
  "malformed_export",
  "unknown_key",
  "bad_signature",
  "foreign_log",
  "bad_cosignature",
  "missing_cosignature",
  "wrong_root",
  "tile_missing",
  "tile_changed",
  "entry_changed",
  "record_changed",
  "record_removed",
  "record_inserted",
  "record_repeated",
  "records_reordered",
  "records_truncated",
  "time_not_shown",
  "retention_unsound",
  "forked_log",
  "log_shrank",
  "not_comparable",
  "bad_kept_checkpoint",
] as const;
export type FindingKind = (typeof findingKinds)[number];

/** One thing that is wrong, with the record that it is about as far as that can be known. */
export type Finding = {
  readonly kind: FindingKind;
  readonly detail: string;
  /** Place in the log, decision id and time of the record. */
  readonly index?: number;
  readonly id?: string;
  readonly timestamp?: string;
  /** Of the file in the export. */
  readonly path?: string;
};

/** Takes findings: keeps the first ones and counts all. */
export type Findings = {
  readonly add: (finding: Finding) => void;
  readonly list: readonly Finding[];
  readonly counts: ReadonlyMap<FindingKind, number>;
};

const mostListed = 100;

export function collectFindings(): Findings {
  const list: Finding[] = [];
  const counts = new Map<FindingKind, number>();
  const add = (finding: Finding): void => {
    counts.set(finding.kind, (counts.get(finding.kind) ?? 0) + 1);
    if (list.length < mostListed) list.push(finding);
  };
  return { add, list, counts };
}
