import type { Clock } from "@vivified/runtime";
import type { AlertRule } from "../finding.ts";

export type RetentionLateDeps = {
  readonly clock: Clock;
  /** Months that should be gone, oldest first. */
  readonly overdue: () => Promise<readonly string[]>;
  /** The receiver of the log that has got least of it, if there is any. */
  readonly pushed: () => Promise<{ readonly place: number; readonly receiver?: string }>;
};

/** Records stay for longer than they may: a receiver does not take the log, or months cannot be taken away. */
export function retentionLate({ clock, overdue, pushed }: RetentionLateDeps): AlertRule {
  const look = async () => {
    const months = await overdue();
    const [oldest] = months;
    if (oldest === undefined) return [];
    const { place, receiver } = await pushed();
    const behind = receiver === undefined ? "core's log says why" : `${receiver} has got the log up to place ${place}`;
    const message = `Audit records of ${oldest} are beyond retention and still there (${months.length} months): ${behind}`;
    const labels = { months: String(months.length), ...(receiver !== undefined && { receiver, place: String(place) }) };
    const told = { severity: "high", message, evidenceAt: clock.now(), labels } as const;
    return [{ rule: "retention_late", subject: "audit retention", ...told } as const];
  };
  return { name: "retention_late", look, ends: 0 };
}
