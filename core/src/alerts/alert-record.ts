import type { Alert, DecisionRecord, Reason } from "@vivified/contracts";
import { changeRecord } from "../audit/index.ts";
import type { Requester } from "../policy/index.ts";

const reasons = {
  opened: { rule: "alert.opened", message: "Something needs the attention of a person", fix: "" },
  resolved: { rule: "alert.resolved", message: "What an alert told of is over", fix: "" },
  acknowledged: { rule: "alert.acknowledged", message: "Somebody has seen an alert", fix: "" },
} as const satisfies Record<string, Reason>;

/** What happened to an alert, as the decision log has it. */
export function alertRecord(what: keyof typeof reasons, alert: Alert, by: Requester): DecisionRecord {
  const { id, rule, subject, severity, message, note } = alert;
  const told = { action: `alert ${what}`, resource: `alert ${rule}`, target: id, reason: reasons[what] };
  return changeRecord({ ...by, ...told, labels: { subject, severity, message, ...(note !== undefined && { note }) } });
}
