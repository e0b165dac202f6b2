import type { ExplainMismatches } from "./explain-mismatches.ts";
import type { Finding } from "./finding.ts";
import type { EntryAt } from "./log-entries.ts";
import type { ExportedRecord } from "./read-line.ts";
import { type RetentionRecord, retentionFinder } from "./retention.ts";

/** A record that stands elsewhere than in the log. */
export type Displaced = { readonly stray: ExportedRecord; readonly entry: EntryAt };

/** What became of missing records, as far as it is known. */
export type Missing = {
  readonly displaced: Displaced[];
  readonly deleted: Map<RetentionRecord, number>;
  readonly gone: EntryAt[];
  /** Lines that belong to an entry. */
  readonly explained: Set<ExportedRecord>;
  /** Lines that are no record and stand in no entry's place. */
  readonly unreadable: Map<number, number>;
};

/** Says of each missing record, in the order of the log, whether it was moved, changed, damaged or deleted, or is gone. */
export async function explainMissing({ mismatches, retentions, entriesIn, add }: ExplainMismatches): Promise<Missing> {
  const unreadable = new Map(mismatches.unreadable);
  const missing: Missing = { displaced: [], deleted: new Map(), gone: [], explained: new Set(), unreadable };
  const known = {
    strays: new Map(mismatches.strays.map((stray) => [stray.digest, stray])),
    placed: new Map(mismatches.strays.map((stray) => [stray.index, stray])),
    retentionOf: retentionFinder(retentions),
  };
  for await (const entry of entriesIn(mismatches.missing)) explainEntry(entry, missing, { ...known, add });
  return missing;
}

type Known = {
  readonly strays: ReadonlyMap<string, ExportedRecord>;
  readonly placed: ReadonlyMap<number, ExportedRecord>;
  readonly retentionOf: ReturnType<typeof retentionFinder>;
  readonly add: (finding: Finding) => void;
};

function explainEntry(entry: EntryAt, missing: Missing, { strays, placed, retentionOf, add }: Known): void {
  const { explained, displaced, unreadable, deleted, gone } = missing;
  const retention = retentionOf(entry); // asked of every entry: it follows the order of the log
  const elsewhere = strays.get(entry.digest);
  const here = placed.get(entry.index);
  const line = unreadable.get(entry.index);
  if (elsewhere !== undefined) {
    explained.add(elsewhere);
    displaced.push({ stray: elsewhere, entry });
  } else if (here !== undefined && isSame(here, entry)) {
    explained.add(here);
    add(changed(here, entry));
  } else if (line !== undefined) {
    unreadable.delete(entry.index);
    add(damaged(line, entry));
  } else if (retention !== undefined) deleted.set(retention, (deleted.get(retention) ?? 0) + 1);
  else gone.push(entry);
}

const isSame = (one: ExportedRecord, other: EntryAt): boolean => one.id === other.id && one.kind === other.kind;

function changed(stray: ExportedRecord, { index, id, timestamp }: EntryAt): Finding {
  const detail = `line ${stray.line} has the record with other content than the log: its digest is ${stray.digest}`;
  return { kind: "record_changed", index, id, timestamp, detail };
}

function damaged(line: number, { index, id, timestamp }: EntryAt): Finding {
  const detail = `line ${line} is not the canonical JSON of a record`;
  return { kind: "record_changed", index, id, timestamp, detail };
}
