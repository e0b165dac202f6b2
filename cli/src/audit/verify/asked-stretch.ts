import type { Finding } from "./finding.ts";
import type { Span } from "./log-entries.ts";

/**
 * What the auditor asked for: places of the log (`from` up to, not including, `to`), and a time. The whole log when
 * nothing is said. It comes from the auditor alone, never from the export.
 */
export type AskedStretch = {
  readonly from?: number;
  readonly to?: number;
  /** From this time on, in milliseconds since 1970, and before that one. */
  readonly sinceMs?: number;
  readonly untilMs?: number;
};

export const asksForTime = ({ sinceMs, untilMs }: AskedStretch): boolean =>
  sinceMs !== undefined || untilMs !== undefined;

/** The places that were asked for, within what the checkpoint covers; not for a time, whose places core chose. */
export function placesAsked({ from = 0, to = Number.POSITIVE_INFINITY }: AskedStretch, size: number): Span {
  const end = Math.min(size, to);
  return { from: Math.min(from, end), to: end };
}

/** What an export lacks of the places that were asked for, by what it says to hold; undefined when that is nothing. */
export function stretchFault(held: Span, asked: AskedStretch, size: number): Finding | undefined {
  if ((asked.from ?? 0) > size)
    return { kind: "log_shrank", detail: `places from ${asked.from} on were asked for, ${ofSize(size)}` };
  const due = placesAsked(asked, size);
  const overlap = Math.max(0, Math.min(held.to, due.to) - Math.max(held.from, due.from));
  const lacking = due.to - due.from - overlap;
  if (asksForTime(asked) || lacking === 0) return undefined;
  const index = held.from > due.from || held.to <= due.from ? due.from : held.to;
  const detail = `the export says to hold ${placesText(held)}, and ${placesText(due)} were asked for (--from, --to; the whole log without them): ${lacking} records are not in it`;
  return { kind: "records_truncated", index, detail };
}

/** What the auditor should know of the stretch, though nothing is wrong with it. */
export function stretchWarnings({ to = 0 }: AskedStretch, size: number): readonly string[] {
  return to > size ? [`places up to ${to} were asked for, ${ofSize(size)}`] : [];
}

const ofSize = (size: number): string => `and the checkpoint is of ${size} entries`;

/** Places, for people. */
export const placesText = ({ from, to }: Span): string => (from < to ? `places ${from} to ${to - 1}` : "no places");
