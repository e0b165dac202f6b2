import type { AuditHold, DecisionRecord, Reason } from "@vivified/contracts";
import { changeRecord } from "../audit/index.ts";
import type { Requester } from "../policy/index.ts";

export const secondPerson: Reason = {
  rule: "audit.second_person",
  message: "Whoever asks for the end of a legal hold cannot end it alone",
  fix: "let somebody else lift it, too",
};

const reasons = {
  placed: { rule: "audit.hold_placed", message: "Records are kept by a legal hold", fix: "" },
  "lift requested": {
    rule: "audit.hold_lift_requested",
    message: "The end of a legal hold waits for a second person",
    fix: "let somebody else lift it, too",
  },
  lifted: { rule: "audit.hold_lifted", message: "Two people ended a legal hold", fix: "" },
  refused: secondPerson,
} as const satisfies Record<string, Reason>;

/** What happened to a legal hold, as the decision log has it. */
export function holdRecord(what: keyof typeof reasons, hold: AuditHold, by: Requester): DecisionRecord {
  const { id, reason, since, until, caller, target } = hold;
  const entrypoint = what === "refused" ? "refused" : "recorded";
  const scope = Object.entries({ since, until, caller, target });
  const labels = Object.fromEntries(scope.filter((pair): pair is [string, string] => pair[1] !== undefined));
  const told = { action: `legal hold ${what}`, resource: "legal hold", target: id, reason: reasons[what] };
  return changeRecord({ ...by, ...told, entrypoint, labels: { reason, ...labels } });
}
