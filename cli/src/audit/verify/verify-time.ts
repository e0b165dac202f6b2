import type { ExportManifest } from "@vivified/contracts";
import type { AskedStretch } from "./asked-stretch.ts";
import type { Finding } from "./finding.ts";
import type { EntryAt, Span } from "./log-entries.ts";
import { neighboursOf } from "./neighbours.ts";
import { type RetentionRecord, retentionFinder } from "./retention.ts";
import type { TileFiles } from "./verify-tiles.ts";

export type VerifyTime = {
  readonly manifest: ExportManifest;
  readonly asked: AskedStretch;
  readonly tiles: TileFiles;
  /** The verified word on what was deleted: such neighbours show nothing. */
  readonly retentions: readonly RetentionRecord[];
  /** The entries of places of the export. */
  readonly entriesIn: (spans: readonly Span[]) => AsyncIterable<EntryAt>;
  readonly add: (finding: Finding) => void;
};

/** What was stored while NATS was away stands behind what is younger; a day is more than that. */
const toleranceMs = 24 * 60 * 60 * 1000;

/**
 * Holds an export of a time to what stands next to its stretch: no decision of the time, no outcome of one that it has, and
 * mostly what is from around the time. Farther off it sees nothing; what it gives says so, for people.
 */
export async function verifyTime(asked: VerifyTime): Promise<string> {
  const { manifest, add } = asked;
  const found = await neighboursOf(manifest, { ...asked, size: manifest.size });
  for (const path of found.unsound)
    add({ kind: "tile_missing", path, detail: `${path}, to which the time is held, is missing or not the tree's` });
  const stayed = notDeleted(asked.retentions);
  const before = found.before.filter(stayed);
  const behind = found.behind.filter(stayed);
  tellDecisions([...before, ...behind], asked);
  await tellOutcomes(behind, asked);
  tellWhereItIs({ before, behind }, asked);
  return `core chose which places belong to the time: of what stands around them, ${before.length} entries before and ${behind.length} behind were looked at, and nothing farther off. For proof export the whole log, or places`;
}

/** In the order of the log. */
function notDeleted(retentions: readonly RetentionRecord[]) {
  const retentionOf = retentionFinder(retentions);
  return (entry: EntryAt): boolean => retentionOf(entry) === undefined;
}

function isIn(
  { timestamp }: EntryAt,
  { sinceMs = Number.NEGATIVE_INFINITY, untilMs = Number.POSITIVE_INFINITY }: AskedStretch,
): boolean {
  const ms = Date.parse(timestamp);
  return ms >= sinceMs && ms < untilMs;
}

function tellDecisions(entries: readonly EntryAt[], { asked, manifest, add }: VerifyTime): void {
  const exported = new Set(manifest.evidence);
  for (const entry of entries)
    if (entry.kind === "decision" && isIn(entry, asked) && !exported.has(entry.index))
      add(leftOut(entry, "it is from the time that was asked for"));
}

/** An outcome behind the stretch belongs to it when its decision does, unless the export has one of that decision. */
async function tellOutcomes(
  behind: readonly EntryAt[],
  { asked, manifest, entriesIn, add }: VerifyTime,
): Promise<void> {
  const exported = new Set(manifest.evidence);
  const candidates = new Map(
    behind.filter(({ kind, index }) => kind === "outcome" && !exported.has(index)).map((entry) => [entry.id, entry]),
  );
  const [decided, told] = [new Set<string>(), new Set<string>()];
  if (candidates.size === 0) return;
  const behindIt = manifest.evidence.map((place) => ({ from: place, to: place + 1 }));
  for await (const entry of entriesIn([manifest, ...behindIt])) {
    if (entry.kind === "outcome") told.add(entry.id);
    else if (isIn(entry, asked)) decided.add(entry.id);
  }
  for (const [id, entry] of candidates)
    if (decided.has(id) && !told.has(id)) add(leftOut(entry, "it is the outcome of a decision that the export has"));
}

function leftOut({ index, id, timestamp }: EntryAt, why: string): Finding {
  return { kind: "records_truncated", index, id, timestamp, detail: `the export leaves this record out: ${why}` };
}

type Sides = { readonly before: readonly EntryAt[]; readonly behind: readonly EntryAt[] };

/** A stretch from elsewhere in the log has neighbours of another time. Of them most count, as clocks differ. */
function tellWhereItIs({ before, behind }: Sides, { asked: { sinceMs, untilMs }, add }: VerifyTime): void {
  const [first, end] = [sinceMs ?? untilMs ?? 0, untilMs ?? sinceMs ?? 0];
  const [earlier, later] = [middleOf(before), middleOf(behind)];
  const detail = (side: string, ms: number) =>
    `most of what stands next ${side} the stretch is from about ${new Date(ms).toISOString()}: this is not where the time is in the log`;
  if (earlier !== undefined && earlier > first + toleranceMs)
    add({ kind: "time_not_shown", detail: detail("before", earlier) });
  if (later !== undefined && later < end - toleranceMs)
    add({ kind: "time_not_shown", detail: detail("behind", later) });
}

function middleOf(entries: readonly EntryAt[]): number | undefined {
  const times = entries.map(({ timestamp }) => Date.parse(timestamp)).filter(Number.isFinite);
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)];
}
