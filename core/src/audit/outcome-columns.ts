import type { PlacedOutcome } from "./block-store.ts";
import { decidedAt } from "./decided-at.ts";
import { storableText } from "./storable-text.ts";

/** An outcome as a row, in the month of its decision. */
export function outcomeColumns({ record, streamSequence, logIndex }: PlacedOutcome) {
  return {
    decided_at: decidedAt(record.decision_id),
    decision_id: storableText(record.decision_id),
    occurred_at: new Date(record.timestamp),
    record: JSON.stringify(record),
    stream_sequence: String(streamSequence),
    log_index: String(logIndex),
  };
}
