import type { Mismatches } from "./compare-records.ts";
import { type Displaced, explainMissing } from "./explain-missing.ts";
import type { Finding } from "./finding.ts";
import type { EntryAt, Span } from "./log-entries.ts";
import type { ExportedRecord } from "./read-line.ts";
import type { RetentionRecord } from "./retention.ts";

export type ExplainMismatches = {
  readonly mismatches: Mismatches;
  /** Where the stretch ends: what is missing up to there may have been cut off. */
  readonly to: number;
  readonly retentions: readonly RetentionRecord[];
  readonly entriesIn: (spans: readonly Span[]) => AsyncGenerator<EntryAt>;
  readonly entryAt: (index: number) => Promise<EntryAt | undefined>;
  /** The lines once more, to look for a record that is kept under another place. */
  readonly records: () => AsyncIterable<ExportedRecord>;
  readonly add: (finding: Finding) => void;
};

/** How many missing records each retention accounts for. */
export type Deleted = { readonly by: RetentionRecord; readonly count: number };
export type Explained = {
  readonly deleted: readonly Deleted[];
  /** Entries whose record is exported under another place: the same record was written twice. */
  readonly repeats: number;
};

const mostSearched = 10_000;

/**
 * Says of everything that does not go together what happened to it: a missing record may stand elsewhere, have been
 * changed, have been deleted by a retention that the log tells of, or be gone.
 */
export async function explainMismatches(asked: ExplainMismatches): Promise<Explained> {
  const { strays } = asked.mismatches;
  const { displaced, deleted, gone, explained, unreadable } = await explainMissing(asked);
  tellDisplaced(displaced, asked);
  const repeats = await tellGone(gone, asked);
  for (const line of unreadable.values()) asked.add({ kind: "record_inserted", detail: `line ${line} is no record` });
  const unexplained = strays.filter((stray) => !explained.has(stray));
  await tellStrays(unexplained, asked);
  return { deleted: [...deleted].map(([by, count]) => ({ by, count })), repeats };
}

/** Neighbours that moved by the same distance are told once. */
function tellDisplaced(displaced: readonly Displaced[], { add }: ExplainMismatches): void {
  let before: Displaced | undefined;
  for (const one of displaced.toSorted((a, b) => a.stray.line - b.stray.line)) {
    const { stray, entry } = one;
    const follows =
      before !== undefined &&
      before.stray.line + 1 === stray.line &&
      before.stray.index - before.entry.index === stray.index - entry.index;
    before = one;
    if (follows) continue;
    const { index, id, timestamp } = entry;
    const detail = `line ${stray.line} claims the place ${stray.index} and stands out of order; the log has the record at ${index}`;
    add({ kind: "records_reordered", index, id, timestamp, detail });
  }
}

/** @returns how many are exported under another place */
async function tellGone(gone: readonly EntryAt[], asked: ExplainMismatches): Promise<number> {
  const kept = gone.length > mostSearched ? new Set<string>() : await digestsAmong(gone, asked);
  const removed = gone.filter(({ digest }) => !kept.has(digest));
  const tail = tailOf(removed, asked.to);
  for (const entry of removed.slice(0, removed.length - tail.length)) asked.add(removal(entry));
  const [first] = tail;
  if (first !== undefined) asked.add(tail.length === 1 && removed.length > 1 ? removal(first) : cutOff(tail, first));
  return gone.length - removed.length;
}

async function digestsAmong(gone: readonly EntryAt[], { records }: ExplainMismatches): Promise<ReadonlySet<string>> {
  const wanted = new Set(gone.map(({ digest }) => digest));
  const found = new Set<string>();
  if (wanted.size === 0) return found;
  for await (const { digest } of records()) if (wanted.has(digest)) found.add(digest);
  return found;
}

/** Those at the very end, without a gap. */
function tailOf(removed: readonly EntryAt[], to: number): readonly EntryAt[] {
  const [last] = removed.slice(-1);
  if (last?.index !== to - 1) return [];
  const start = removed.findLastIndex((entry, at) => at > 0 && removed[at - 1]?.index !== entry.index - 1);
  return removed.slice(Math.max(0, start));
}

const removal = ({ index, id, timestamp }: EntryAt): Finding => ({
  ...{ kind: "record_removed", index, id, timestamp },
  detail: "the log has this record; the export does not, and no retention that the log tells of names this place",
});

function cutOff(tail: readonly EntryAt[], { index, id, timestamp }: EntryAt): Finding {
  const detail = `the export ends before this record: ${tail.length} that it says to hold are missing from its end`;
  return { kind: "records_truncated", index, id, timestamp, detail };
}

/** Lines that are no record of the log, or one that was there before. */
async function tellStrays(strays: readonly ExportedRecord[], { add, entryAt }: ExplainMismatches): Promise<void> {
  for (const { line, index, id, timestamp, digest } of strays.slice(0, mostSearched)) {
    const entry = await entryAt(index);
    const again = entry?.digest === digest;
    const detail = again
      ? `line ${line} has a record that stands before it, too`
      : `line ${line} has a record that the log does not hold${entry === undefined ? "" : `; the log has ${entry.id} there`}`;
    add({ kind: again ? "record_repeated" : "record_inserted", index, id, timestamp, detail });
  }
}
