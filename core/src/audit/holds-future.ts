import type { AuditBlock } from "@vivified/contracts";

/** Clocks of gateways are held to seconds (see `clock_skewed`): a day is no clock that goes wrong. */
const mostAheadMs = 24 * 60 * 60 * 1000;

/**
 * Whether a block holds a record of more than a day after NATS stored it. Nothing can: it would be the newest record for
 * years, and never grow old enough to be deleted.
 */
export function holdsFuture({ records }: AuditBlock, stampedAt: Date): boolean {
  const latest = stampedAt.getTime() + mostAheadMs;
  return records.some(({ timestamp }) => Date.parse(timestamp) > latest);
}
