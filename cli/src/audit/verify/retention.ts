import type { EntryAt } from "./log-entries.ts";
import type { ExportedRecord } from "./read-line.ts";

/** A record of the log itself that says: what was before a time was deleted. */
export type RetentionRecord = { readonly index: number; readonly id: string; readonly until: string };

/** The retention that a record tells of, if it does. Only records that the log holds are to be asked. */
export function retentionIn({ index, id, record }: ExportedRecord): RetentionRecord | undefined {
  const { entrypoint, lane, result, labels } = record as Told;
  const applied = result?.reasons?.some?.(({ rule }) => rule === "audit.retention_applied");
  const until = labels?.until;
  if (lane !== "core" || entrypoint !== "recorded" || !applied || typeof until !== "string") return undefined;
  return Number.isNaN(Date.parse(until)) ? undefined : { index, id, until };
}

type Told = {
  readonly lane?: unknown;
  readonly entrypoint?: unknown;
  readonly result?: { readonly reasons?: readonly { readonly rule?: unknown }[] };
  readonly labels?: { readonly until?: unknown };
};

/** The first retention that covers an entry: it was told behind it, and the entry is from before its time. */
export function coveredBy(entry: EntryAt, retentions: readonly RetentionRecord[]): RetentionRecord | undefined {
  const at = Date.parse(entry.timestamp);
  return retentions.find(({ index, until }) => index > entry.index && at < Date.parse(until));
}
