import type { DecisionRecord } from "@vivified/contracts";
import { newTrace } from "@vivified/runtime";
import { changeRecord } from "../audit/index.ts";

/** What was deleted, and what stayed of it because of a hold or because it came lately. */
export type Deleted = {
  readonly from: string;
  readonly decisions: number;
  readonly outcomes: number;
  readonly kept: number;
  /** The first and the last place in the log that lost its record; none when nothing of it was in the log. */
  readonly places?: { readonly first: number; readonly last: number };
};

/** In the transaction of the deletion: everything that is missing from before `until` was deleted on purpose. */
export function retentionRecord({ from, decisions, outcomes, kept, places }: Deleted, until: Date): DecisionRecord {
  return changeRecord({
    caller: "core",
    action: "delete audit records",
    resource: `audit ${from}`,
    trace: newTrace(),
    reason: { rule: "audit.retention_applied", message: "Records beyond retention were deleted", fix: "" },
    labels: {
      until: until.toISOString(),
      ...{ decisions: String(decisions), outcomes: String(outcomes), kept: String(kept) },
      ...(places && { first_log_index: String(places.first), last_log_index: String(places.last) }),
    },
  });
}

/** Blocks left the stream. */
export function purgeRecord(firstKept: number, until: Date): DecisionRecord {
  return changeRecord({
    caller: "core",
    action: "purge audit stream",
    resource: "audit stream",
    trace: newTrace(),
    reason: { rule: "audit.stream_purged", message: "Blocks beyond retention leave the audit stream", fix: "" },
    labels: { until: until.toISOString(), first_kept: String(firstKept) },
  });
}
