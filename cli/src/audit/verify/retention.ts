import { type PlaceRange, readPlaces } from "@vivified/contracts";
import type { Finding } from "./finding.ts";
import type { EntryAt } from "./log-entries.ts";
import type { ExportedRecord } from "./read-line.ts";

/** A record of the log itself that names the places whose records were deleted, which are all from before a time. */
export type RetentionRecord = {
  readonly index: number;
  readonly id: string;
  readonly timestamp: string;
  readonly until: string;
  readonly places: readonly PlaceRange[];
};

/** Retention, or a record that says so and contradicts itself, or undefined for one of something else. */
export type ReadRetention = RetentionRecord | { readonly fault: string } | undefined;

const dayMs = 24 * 60 * 60 * 1000;

/** The retention that a record tells of. Only records that the log holds are to be asked. */
export function retentionIn({ index, id, timestamp, record }: ExportedRecord, keptForDays: number): ReadRetention {
  const { entrypoint, lane, result, labels = {} } = record as Told;
  const applied = result?.reasons?.some?.(({ rule }) => rule === "audit.retention_applied");
  if (lane !== "core" || entrypoint !== "recorded" || !applied) return undefined;
  const { until = "", places: text = "", places_count = "0" } = labels;
  const places = readPlaces(text);
  const oldEnough = Date.parse(timestamp) - Date.parse(until) >= keptForDays * dayMs;
  if (Number.isNaN(Date.parse(until)) || places === undefined) return { fault: "it does not say what was deleted" };
  if (!oldEnough) return { fault: `it deletes what was not kept for ${keptForDays} days (until ${until})` };
  if (countOf(places) !== Number(places_count)) return { fault: "the places that it names are not as many as it says" };
  if ((places.at(-1)?.last ?? -1) >= index) return { fault: "it names places that do not lie before it" };
  return { index, id, timestamp, until, places };
}

type Told = {
  readonly lane?: unknown;
  readonly entrypoint?: unknown;
  readonly result?: { readonly reasons?: readonly { readonly rule?: unknown }[] };
  readonly labels?: { readonly [name: string]: string };
};

/** What is told of a record whose word for deletions is not believed. */
export function unsoundRetention({ index, id, timestamp }: ExportedRecord, fault: string): Finding {
  const detail = `it says that records were deleted, and is not believed: ${fault}`;
  return { kind: "retention_unsound", index, id, timestamp, detail };
}

const countOf = (places: readonly PlaceRange[]): number =>
  places.reduce((sum, { first, last }) => sum + last + 1 - first, 0);

type Named = PlaceRange & { readonly by: RetentionRecord };

/**
 * Finds the retention that names an entry's place, and whose time the entry is from before; asked in the order of the
 * log. A retention names places one by one: whatever went beside it is not accounted for.
 */
export function retentionFinder(retentions: readonly RetentionRecord[]) {
  const named = retentions
    .flatMap((by): Named[] => by.places.map((range) => ({ ...range, by })))
    .sort((a, b) => a.first - b.first);
  let next = 0;
  let around: Named[] = [];
  return ({ index, timestamp }: EntryAt): RetentionRecord | undefined => {
    for (; (named[next]?.first ?? Number.POSITIVE_INFINITY) <= index; next += 1)
      around.push(...named.slice(next, next + 1));
    around = around.filter(({ last }) => last >= index);
    return around.find(({ by }) => Date.parse(timestamp) < Date.parse(by.until))?.by;
  };
}
