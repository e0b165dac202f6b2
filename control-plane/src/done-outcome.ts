import type { DecisionRecord, OutcomeRecord } from "@vivified/contracts";

/** The outcome of what was done by the time that its record was made. */
export function doneOutcome({ decision_id, timestamp }: DecisionRecord): OutcomeRecord {
  return { kind: "outcome", decision_id, timestamp, outcome: "done", duration_ms: 0 };
}
