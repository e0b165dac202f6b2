import type { ExportManifest } from "@vivified/contracts";
import type { Clock } from "@vivified/runtime";
import { compareRecords } from "./compare-records.ts";
import { entriesBehind } from "./entries-behind.ts";
import { type Deleted, explainMismatches } from "./explain-mismatches.ts";
import type { ExportFiles } from "./export-files.ts";
import { recordsName } from "./export-names.ts";
import type { Findings } from "./finding.ts";
import { type EntryAt, entriesIn, type Span } from "./log-entries.ts";
import { MalformedExport } from "./malformed-export.ts";
import { type ExportedRecord, readLine } from "./read-line.ts";
import { type RetentionRecord, retentionIn, unsoundRetention } from "./retention.ts";
import { retentionTimeFault } from "./retention-time.ts";
import type { TileFiles } from "./verify-tiles.ts";

export type VerifyRecords = {
  readonly spans: readonly Span[];
  readonly manifest: ExportManifest;
  readonly findings: Findings;
  readonly tiles: TileFiles;
  readonly keptForDays?: number;
  readonly clock: Pick<Clock, "now">;
};

/** The shortest retention that a platform can have. */
const shortestDays = 31;

/** Every record against its entry, and what is missing against what the log says of deletions. @throws MalformedExport */
export async function verifyRecords(files: ExportFiles, asked: VerifyRecords) {
  const { spans, manifest, findings, keptForDays = shortestDays } = asked;
  const { add, list } = findings;
  const unsound = new Set<number>();
  const log = { read: files.read, size: manifest.size, unsound };
  const told: Told[] = [];
  const matched = (record: ExportedRecord): void => {
    const retention = retentionIn(record, keptForDays);
    if (retention === undefined) return;
    if ("fault" in retention) add(unsoundRetention(record, retention.fault));
    else told.push({ record, retention });
  };
  const entries = entriesIn(spans, log, add);
  const quietly = (some: readonly Span[]) => entriesIn(some, log, () => undefined); // what is wrong was told
  const entryAt = entryFinder(manifest, quietly);
  const mismatches = await compareRecords({ entries, entryAt, unsound, lines: files.lines(), add, matched });
  const retentions = await inTheirTime(told, asked);
  const explained = await explainMismatches({
    ...{ mismatches, add, to: manifest.to, entriesIn: quietly, entryAt },
    retentions,
    records: () => recordsOf(files),
  });
  const { lines, verified } = mismatches;
  if (lines !== verified && list.length === 0)
    throw new MalformedExport("has lines that cannot be accounted for", recordsName);
  return { verified, retentions, entriesIn: quietly, ...explained, warnings: warningsOf(explained.deleted, asked) };
}

type Told = { readonly record: ExportedRecord; readonly retention: RetentionRecord };

/** Those whose own time can be believed; the others are told. */
async function inTheirTime(told: readonly Told[], { manifest, tiles, findings, clock }: VerifyRecords) {
  const behind = entriesBehind(manifest.size, tiles);
  const sound: RetentionRecord[] = [];
  for (const { record, retention } of told) {
    const fault = await retentionTimeFault(retention, { behind, now: clock.now() });
    if (fault === undefined) sound.push(retention);
    else findings.add(unsoundRetention(record, fault));
  }
  return sound;
}

/** Deletions are held to the shortest retention where nobody says how long records have to be kept. */
function warningsOf(deleted: readonly Deleted[], { keptForDays }: VerifyRecords): readonly string[] {
  const lost = deleted.reduce((sum, { count }) => sum + count, 0);
  if (keptForDays !== undefined || lost === 0) return [];
  return [
    `${lost} records count as deleted because they were kept for ${shortestDays} days: say how long they have to be kept with --retention-days`,
  ];
}

/** Entries at places that the export holds, and no others. */
function entryFinder({ from, to, evidence }: ExportManifest, read: (some: readonly Span[]) => AsyncGenerator<EntryAt>) {
  const behind = new Set(evidence);
  return async (index: number): Promise<EntryAt | undefined> => {
    if ((index < from || index >= to) && !behind.has(index)) return undefined;
    return (await read([{ from: index, to: index + 1 }]).next()).value ?? undefined;
  };
}

async function* recordsOf({ lines }: ExportFiles): AsyncGenerator<ExportedRecord> {
  let line = 0;
  for await (const text of lines()) {
    line += 1;
    const record = readLine(text, line);
    if (record !== undefined) yield record;
  }
}
