import type { AuditRecord, DecisionRecord, OutcomeRecord } from "@vivified/contracts";
import type { PlacedRecord } from "../log-records.ts";

/**
 * A record as an event of OPA's decision log (https://www.openpolicyagent.org/docs/management-decision-logs). What OPA has
 * no field for is under `custom`, its place for that. An outcome is an event of its own, `<decision id>.outcome`, so that
 * a receiver that keeps one event for each id keeps both.
 */
export function opaEvent({ record, logIndex }: PlacedRecord): object {
  return isDecision(record) ? decisionEvent(record, logIndex) : outcomeEvent(record, logIndex);
}

const isDecision = (record: AuditRecord): record is DecisionRecord => record.kind === "decision";

function decisionEvent(record: DecisionRecord, log_index: number): object {
  const { decision_id, trace_id, path, revision, input, result, nd_builtin_cache, timestamp, labels, ...rest } = record;
  const { erased, masked, ...custom } = rest;
  return {
    labels: { id: labels.writer ?? "core", ...labels },
    decision_id,
    ...(trace_id !== "" && { trace_id }),
    ...(revision !== "" && { bundles: { vivified: { revision } } }),
    ...(path !== "" && { path }),
    ...(input !== undefined && { input }),
    result,
    ...(nd_builtin_cache !== undefined && { nd_builtin_cache }),
    ...(erased !== undefined && { erased }),
    ...(masked !== undefined && { masked }),
    requested_by: record.caller,
    timestamp,
    custom: { ...custom, log_index },
  };
}

function outcomeEvent({ decision_id, timestamp, ...outcome }: OutcomeRecord, log_index: number): object {
  return {
    labels: { id: "outcome" },
    decision_id: `${decision_id}.outcome`,
    result: { outcome: outcome.outcome },
    timestamp,
    custom: { ...outcome, decision_id, log_index },
  };
}
