import type { Clock } from "@vivified/runtime";
import type { AlertRule } from "../finding.ts";

export type IngestLateDeps = {
  readonly clock: Clock;
  /** The sequence of the last block of the stream. */
  readonly last: () => Promise<number>;
  /** The sequence of the last block that was taken in. */
  readonly taken: () => Promise<number>;
  /** How long a block may wait. */
  readonly lateMs: number;
};

type Labels = { readonly [name: string]: string };
const late = { rule: "ingest_late", subject: "audit stream", severity: "high" } as const;

/**
 * A block has waited in the stream for too long: the database is slow, or something stops ingest; lanes go on. Or the
 * stream ends before what was taken in: it was lost or replaced, and nothing of it is taken in any more.
 */
export function ingestLate({ clock, last, taken, lateMs }: IngestLateDeps): AlertRule {
  let mark: { readonly sequence: number; readonly sinceMs: number } | undefined;
  const look = async () => {
    const done = await taken(); // asked first: what comes meanwhile is behind it
    const sequence = await last();
    const found = (message: string, labels: Labels) => [
      { ...late, message, evidenceAt: clock.now(), labels: { ...labels, taken: String(done) } },
    ];
    if (sequence < done)
      return found(`The audit stream ends at ${sequence}, before ${done}, which was taken in`, {
        end: String(sequence),
      });
    if (mark === undefined || done >= mark.sequence) mark = { sequence, sinceMs: clock.monotonicMs() };
    if (done >= sequence || clock.monotonicMs() - mark.sinceMs < lateMs) return [];
    const waiting = sequence - done;
    const message = `The audit stream is not taken in: ${waiting} blocks wait behind ${done}`;
    return found(message, { waiting: String(waiting) });
  };
  return { name: "ingest_late", look, ends: 0 };
}
