import type { Clock } from "@vivified/runtime";
import type { Db } from "../../database/open-database.ts";
import type { AlertRule, Finding } from "../finding.ts";
import { type RecordsOfRule, recordsOfRule } from "./records-of-rule.ts";

/** What core writes when the trail does not hold together. */
const rules = ["audit.chain_broken", "audit.log_inconsistent"];
const lookBackMs = 7 * 24 * 60 * 60 * 1000;

/** A block does not fit into its chain, or the log contradicts itself. Somebody has to look: it ends once acknowledged. */
export function verificationFailed(db: Db, clock: Clock): AlertRule {
  const since = () => new Date(clock.now().getTime() - lookBackMs);
  const look = async () => (await recordsOfRule(db, { rules, since: since() })).map(findingOf);
  return { name: "audit_verification_failed", look, ends: "acknowledged" };
}

function findingOf({ resource, count, latest }: RecordsOfRule): Finding {
  const message = `The audit trail does not hold together: ${resource}, ${count} faults within seven days`;
  const labels = { faults: String(count) };
  const told = { severity: "critical", message, evidenceAt: latest, labels } as const;
  return { rule: "audit_verification_failed", subject: resource, ...told };
}
