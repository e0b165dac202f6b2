import type { Clock } from "@vivified/runtime";
import type { AlertRule } from "../finding.ts";

export type OwnBlocksLateDeps = {
  readonly clock: Clock;
  /** The id of core's oldest record that no block holds. */
  readonly oldest: () => Promise<string | undefined>;
  /** How long a record may wait. */
  readonly lateMs: number;
};

/** A record of core's has waited for its block for too long: the stream takes none, as when its disk is full. */
export function ownBlocksLate({ clock, oldest, lateMs }: OwnBlocksLateDeps): AlertRule {
  let waiting: { readonly id: string; readonly sinceMs: number } | undefined;
  const look = async () => {
    const id = await oldest();
    if (id === undefined) waiting = undefined;
    else if (waiting?.id !== id) waiting = { id, sinceMs: clock.monotonicMs() };
    if (waiting === undefined || clock.monotonicMs() - waiting.sinceMs < lateMs) return [];
    const message = "Core's records do not get into the audit stream: it takes no blocks, and lanes refuse for that";
    const told = { severity: "critical", message, evidenceAt: clock.now(), labels: { oldest: waiting.id } } as const;
    return [{ rule: "own_blocks_late", subject: "audit stream", ...told } as const];
  };
  return { name: "own_blocks_late", look, ends: 0 };
}
