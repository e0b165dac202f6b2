import type { DecisionRecord, Reason, TraceContext } from "@vivified/contracts";
import { uuidv7 } from "@vivified/runtime";

/** What the control plane did, or did not do, for somebody of the mesh. */
export type MeshEvent = Pick<DecisionRecord, "caller" | "action" | "resource" | "target" | "labels"> & {
  readonly entrypoint: "recorded" | "refused";
  readonly reason: Reason;
  readonly trace: TraceContext;
  readonly now: Date;
};

/** A record of lane `mesh`. No policy is asked there: the reason is the control plane's own. */
export function meshRecord({ entrypoint, reason, trace, now, labels, ...told }: MeshEvent): DecisionRecord {
  const effect = entrypoint === "refused" ? "deny" : "allow";
  return {
    ...{ kind: "decision", decision_id: uuidv7(), timestamp: now.toISOString() },
    ...{ lane: "mesh", entrypoint, path: "", revision: "", snapshot: 0 },
    ...told,
    result: { effect, reasons: [reason], obligations: [] },
    trace_id: trace.traceId,
    labels,
  };
}
