import { type AuditBlock, coreWriter } from "@vivified/contracts";
import { decidedAt } from "./decided-at.ts";

type Stamp = { readonly subjectWriter: string; readonly stampedAt: Date };

/** Clocks of gateways are held to seconds (see `clock_skewed`): a day is no clock that goes wrong. */
const mostAheadMs = 24 * 60 * 60 * 1000;

/**
 * Whether a block holds a record of more than a day after NATS stored it. Nothing can: it would be the newest record for
 * years, and never grow old enough to be deleted. Core's own are rows already when their block comes, whatever their
 * time: without a place they would wait for a block for ever, and be written again and again.
 *
 * @param stamp On whose subject it stands, and when NATS stored it.
 */
export function holdsFuture({ records }: AuditBlock, { subjectWriter, stampedAt }: Stamp): boolean {
  if (subjectWriter === coreWriter) return false;
  const latest = stampedAt.getTime() + mostAheadMs;
  return records.some(
    ({ timestamp, decision_id: id }) => Math.max(Date.parse(timestamp), decidedAt(id).getTime()) > latest,
  );
}
