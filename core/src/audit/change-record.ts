import type { DecisionRecord, Reason, TraceContext } from "@vivified/contracts";
import { uuidv7 } from "@vivified/runtime";

/** Something that core did, or refused to do, told by core itself. */
export type Change = {
  readonly entrypoint?: "recorded" | "refused";
  /** User id, plugin id, or `anonymous`. */
  readonly caller: string;
  readonly action: string;
  readonly resource: string;
  readonly target?: string;
  readonly trace: TraceContext;
  /** The access decision that this follows from. */
  readonly parentId?: string;
  readonly reason: Reason;
  readonly labels?: { readonly [name: string]: string };
};

/** The record of a change, to be written in the transaction of the change. */
export function changeRecord(change: Change): DecisionRecord {
  const { entrypoint = "recorded", reason } = change;
  return {
    kind: "decision",
    decision_id: uuidv7(),
    timestamp: new Date().toISOString(),
    lane: "core",
    entrypoint,
    path: "",
    revision: "",
    snapshot: 0,
    caller: change.caller,
    action: change.action,
    resource: change.resource,
    ...(change.target !== undefined && { target: change.target }),
    result: { effect: entrypoint === "refused" ? "deny" : "allow", reasons: [reason], obligations: [] },
    trace_id: change.trace.traceId,
    ...(change.parentId !== undefined && { parent_id: change.parentId }),
    labels: change.labels ?? {},
  };
}
