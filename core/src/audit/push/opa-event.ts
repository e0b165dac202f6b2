import type { AuditRecord, DecisionRecord, OutcomeRecord } from "@vivified/contracts";

/** A record, and its place in the log where it has one yet. */
export type LoggedRecord = { readonly record: AuditRecord; readonly logIndex?: number };

/**
 * A record as an event of OPA's decision log (https://www.openpolicyagent.org/docs/management-decision-logs). What OPA has
 * no field for is under `custom`, its place for that. An outcome is an event of its own, `<decision id>.outcome`, so that
 * a receiver that keeps one event for each id keeps both. `req_id` and `metrics`, which OPA leaves out when it has none,
 * are never there: a record has no number of an HTTP request to OPA, and no timings of an evaluation.
 */
export function opaEvent({ record, logIndex }: LoggedRecord): object {
  const place = logIndex === undefined ? {} : { log_index: logIndex };
  return isDecision(record) ? decisionEvent(record, place) : outcomeEvent(record, place);
}

type Place = { readonly log_index?: number };

const isDecision = (record: AuditRecord): record is DecisionRecord => record.kind === "decision";

function decisionEvent(record: DecisionRecord, place: Place): object {
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
    custom: { ...custom, ...place },
  };
}

function outcomeEvent({ decision_id, timestamp, ...outcome }: OutcomeRecord, place: Place): object {
  return {
    labels: { id: "outcome" },
    decision_id: `${decision_id}.outcome`,
    result: { outcome: outcome.outcome },
    timestamp,
    custom: { ...outcome, decision_id, ...place },
  };
}
