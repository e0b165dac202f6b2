import { type DecisionRecord, type PlaceRange, writePlaces } from "@vivified/contracts";
import { newTrace } from "@vivified/runtime";
import { changeRecord } from "../audit/index.ts";

/** What was deleted, and what stayed of it because of a hold or because it came lately. */
export type Deleted = {
  /** A month as `YYYY-MM`, or `default`. */
  readonly from: string;
  readonly decisions: number;
  readonly outcomes: number;
  /** Records that had no row of their own. */
  readonly unplaced: number;
  readonly kept: number;
  /** The places in the log that lost their record; none when nothing of it was in the log. */
  readonly places: readonly PlaceRange[];
};

/** A record of the log stays small enough to be read and pushed like any other. */
const mostRanges = 2_000;

/**
 * In the transaction of the deletion: which places of the log lost their record, to the last one. Whatever else is missing
 * was taken away by somebody. Holes that holds leave may need several records.
 */
export function retentionRecords(deleted: Deleted, until: Date): readonly DecisionRecord[] {
  const parts = Math.max(1, Math.ceil(deleted.places.length / mostRanges));
  return Array.from({ length: parts }, (_, part) => {
    const places = deleted.places.slice(part * mostRanges, (part + 1) * mostRanges);
    return retentionRecord({ ...deleted, places }, until, `${part + 1}/${parts}`);
  });
}

function retentionRecord(deleted: Deleted, until: Date, part: string): DecisionRecord {
  const { from, decisions, outcomes, unplaced, kept } = deleted;
  const counts = Object.entries({ decisions, outcomes, unplaced, kept }).map(([name, count]) => [name, String(count)]);
  return changeRecord({
    caller: "core",
    action: "delete audit records",
    resource: `audit ${from}`,
    trace: newTrace(),
    reason: { rule: "audit.retention_applied", message: "Records beyond retention were deleted", fix: "" },
    labels: { until: until.toISOString(), ...Object.fromEntries(counts), part, ...placesOf(deleted) },
  });
}

function placesOf({ places }: Deleted): { readonly [label: string]: string } {
  const [first, last] = [places[0], places.at(-1)];
  if (first === undefined || last === undefined) return {};
  const lost = places.reduce((sum, range) => sum + range.last + 1 - range.first, 0);
  return {
    ...{ places: writePlaces(places), places_count: String(lost) },
    ...{ first_log_index: String(first.first), last_log_index: String(last.last) },
  };
}

/** Blocks left the stream. */
export function purgeRecord(firstKept: number, until: Date): DecisionRecord {
  return changeRecord({
    caller: "core",
    action: "purge audit stream",
    resource: "audit stream",
    trace: newTrace(),
    reason: { rule: "audit.stream_purged", message: "Blocks beyond retention leave the audit stream", fix: "" },
    labels: { until: until.toISOString(), first_kept: String(firstKept) },
  });
}
