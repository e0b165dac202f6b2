import type { DecisionRecord, TraceContext } from "@vivified/contracts";
import { type LifeWords, uuidv7 } from "@vivified/runtime";

export type GatewayEvent = LifeWords & { readonly writer: string; readonly trace: TraceContext; readonly now: Date };

/** A record of lane `gateway`: what a gateway says of itself. No policy is asked there. */
export function gatewayRecord({ action, reason, labels, writer, trace, now }: GatewayEvent): DecisionRecord {
  return {
    ...{ kind: "decision", decision_id: uuidv7(), timestamp: now.toISOString() },
    ...{ lane: "gateway", entrypoint: "recorded", path: "", revision: "", snapshot: 0 },
    ...{ caller: "gateway", action, resource: `gateway ${writer}` },
    result: { effect: "allow", reasons: [reason], obligations: [] },
    trace_id: trace.traceId,
    labels: { writer, ...labels },
  };
}
