import type { DecisionRecord } from "@vivified/contracts";
import { newTrace } from "@vivified/runtime";
import { changeRecord } from "./change-record.ts";
import type { ChangedKeys } from "./writer-keys.ts";

/** How the decision log tells that other keys count from here on. */
export function changedKeysRecord({ was, is }: ChangedKeys): DecisionRecord {
  const message = "Decision blocks count by other keys than before";
  const reason = { rule: "audit.process_keys_changed", message, fix: "" };
  return changeRecord({
    ...{ caller: "core", action: "read process keys", resource: "process keys", trace: newTrace() },
    ...{ reason, labels: { was, is } },
  });
}
