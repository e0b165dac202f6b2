import type { Clock } from "@vivified/runtime";
import type { AlertRule } from "../finding.ts";

export type TrailFillingDeps = {
  readonly clock: Clock;
  /** Bytes that the audit stream has, and may have: -1 when NATS was told no bound. */
  readonly held: () => Promise<{ readonly bytes: number; readonly maxBytes: number }>;
  /** How many there is room for, as far as the operator says. */
  readonly roomBytes: number | undefined;
};

const mostFull = 0.8;

/** The audit stream has taken four fifths of its room. Once there is none, every lane refuses: nothing can be recorded. */
export function trailFilling({ clock, held, roomBytes = Number.POSITIVE_INFINITY }: TrailFillingDeps): AlertRule {
  const look = async () => {
    const { bytes, maxBytes } = await held();
    const room = Math.min(roomBytes, maxBytes < 0 ? Number.POSITIVE_INFINITY : maxBytes);
    if (bytes < mostFull * room) return [];
    const message = `The audit stream has taken ${Math.floor((100 * bytes) / room)} % of its room; without any, lanes refuse everything`;
    const labels = { bytes: String(bytes), room: String(room) };
    const told = { severity: "high", message, evidenceAt: clock.now(), labels } as const;
    return [{ rule: "trail_filling", subject: "audit stream", ...told } as const];
  };
  return { name: "trail_filling", look, ends: 0 };
}
