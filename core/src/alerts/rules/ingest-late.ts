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

/** A block has waited in the stream for too long: the database is slow, or something stops ingest. Lanes go on. */
export function ingestLate({ clock, last, taken, lateMs }: IngestLateDeps): AlertRule {
  let mark: { readonly sequence: number; readonly sinceMs: number } | undefined;
  const look = async () => {
    const [sequence, done] = [await last(), await taken()];
    if (mark === undefined || done >= mark.sequence) mark = { sequence, sinceMs: clock.monotonicMs() };
    if (done >= sequence || clock.monotonicMs() - mark.sinceMs < lateMs) return [];
    const message = `The audit stream is not taken in: ${sequence - done} blocks wait behind ${done}`;
    const labels = { waiting: String(sequence - done), taken: String(done) };
    const told = { severity: "high", message, evidenceAt: clock.now(), labels } as const;
    return [{ rule: "ingest_late", subject: "audit stream", ...told } as const];
  };
  return { name: "ingest_late", look, ends: 0 };
}
