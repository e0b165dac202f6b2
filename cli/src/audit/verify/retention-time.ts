import type { EntryAt } from "./log-entries.ts";
import type { RetentionRecord } from "./retention.ts";

export type RetentionTime = {
  /** The entries behind a place, or undefined when the export lacks them. */
  readonly behind: (index: number) => Promise<readonly EntryAt[] | undefined>;
  /** The auditor's clock. */
  readonly now: Date;
};

/**
 * A record stands in the log once its block is in the stream, which may be hours after its time when NATS was away. What is
 * behind it may then be older by as much. A day is more than that, and little against the 31 that records are kept.
 */
const toleranceMs = 24 * 60 * 60 * 1000;

/**
 * What is wrong with the time that a retention record gives itself, or undefined. A later time than the true one would let
 * it delete what is too young: so it may be ahead neither of the auditor's clock nor of what stands behind it in the log. Of
 * that most counts, so that one record with a wrong time makes no difference. An earlier time claims less, and is let be.
 */
export async function retentionTimeFault(
  { index, timestamp }: RetentionRecord,
  { behind, now }: RetentionTime,
): Promise<string | undefined> {
  const latest = Date.parse(timestamp) - toleranceMs;
  if (latest > now.getTime()) return `its time is ahead of this machine's clock (${now.toISOString()})`;
  const entries = await behind(index);
  if (entries === undefined) return "the export lacks entries behind it, to which its time could be held";
  const times = entries.map((entry) => Date.parse(entry.timestamp)).filter(Number.isFinite);
  times.sort((a, b) => a - b);
  const middle = times[Math.floor(times.length / 2)];
  if (middle === undefined || latest <= middle) return undefined;
  return `its time is ahead of most of what stands behind it in the log (${new Date(middle).toISOString()})`;
}
