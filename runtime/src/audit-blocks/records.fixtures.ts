import type { DecisionRecord, OutcomeRecord } from "@vivified/contracts";

export function decisionOf(decision_id: string): DecisionRecord {
  return {
    kind: "decision",
    decision_id,
    timestamp: "2026-11-21T00:00:00.000Z",
    lane: "rpc",
    entrypoint: "rpc/invoke",
    path: "vivified/rpc/invoke/decision",
    revision: "r",
    snapshot: 1,
    caller: "caller",
    action: "invoke",
    resource: "people.get_user",
    result: { effect: "allow", reasons: [], obligations: [] },
    trace_id: "0af7651916cd43dd8448eb211c80319c",
    labels: {},
  };
}

export function outcomeOf(decision_id: string): OutcomeRecord {
  const timestamp = "2026-11-21T00:00:00.000Z";
  return { kind: "outcome", decision_id, timestamp, outcome: "done", status: 200, duration_ms: 1 };
}
