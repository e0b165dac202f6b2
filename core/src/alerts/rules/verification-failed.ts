import type { Clock } from "@vivified/runtime";
import type { Db } from "../../database/open-database.ts";
import type { AlertRule, Finding } from "../finding.ts";
import { type RecordsOfRule, recordsOfRule } from "./records-of-rule.ts";

const lookBackMs = 7 * 24 * 60 * 60 * 1000;

/**
 * A block does not fit into its chain, or the log contradicts itself. Somebody has to look: it ends once acknowledged.
 * Writers' names may be made up, and must not hide what core found out about the log.
 */
export function verificationFailed(db: Db, clock: Clock): AlertRule {
  const look = async () => {
    const until = clock.now();
    const time = { since: new Date(until.getTime() - lookBackMs), until };
    const log = await recordsOfRule(db, { rules: ["audit.log_inconsistent"], ...time });
    const chains = await recordsOfRule(db, { rules: ["audit.chain_broken"], ...time });
    return [...log.map(findingOf), ...chains.map((one) => ({ ...findingOf(one), anyName: true }))];
  };
  return { name: "audit_verification_failed", look, ends: "acknowledged", all: "GET /admin/audit/faults" };
}

function findingOf({ resource, count, latest }: RecordsOfRule): Finding {
  const message = `The audit trail does not hold together: ${resource}, ${count} faults within seven days`;
  const labels = { faults: String(count) };
  const told = { severity: "critical", message, evidenceAt: latest, labels } as const;
  return { rule: "audit_verification_failed", subject: resource, ...told };
}
