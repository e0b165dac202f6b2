import type { DecisionRecord } from "@vivified/contracts";
import { newTrace } from "@vivified/runtime";
import { changeRecord } from "../change-record.ts";
import type { LoggedDecision } from "./untold-store.ts";

/** Says, in the trace of a permit, that nobody knows whether what it permitted was done. */
export function untoldRecord({ decisionId, traceId, entrypoint }: LoggedDecision): DecisionRecord {
  const message = "Something was permitted, and nobody told what became of it";
  return changeRecord({
    caller: "core",
    action: "note missing outcome",
    resource: `decision ${decisionId}`,
    trace: { ...newTrace(), traceId },
    parentId: decisionId,
    reason: { rule: "audit.outcome_unknown", message, fix: "ask the other side whether it was done" },
    labels: { entrypoint },
  });
}
