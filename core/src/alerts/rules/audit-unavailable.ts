import type { Clock } from "@vivified/runtime";
import { sql } from "kysely";
import type { Db } from "../../database/open-database.ts";
import type { AlertRule } from "../finding.ts";

const windowMs = 15 * 60_000;

/** Gateways could not write the trail and refused what would have gone unrecorded; they say so in outcomes afterwards. */
export function auditUnavailable(db: Db, clock: Clock): AlertRule {
  const look = async () => {
    const { count, latest } = await unavailableUntil(db, clock.now());
    if (latest === null) return [];
    const message = `Gateways could not write the audit trail: ${count} actions were refused within fifteen minutes`;
    const told = { severity: "critical", message, evidenceAt: latest, labels: { refused: String(count) } } as const;
    return [{ rule: "audit_unavailable", subject: "gateways", ...told } as const];
  };
  return { name: "audit_unavailable", look, ends: windowMs };
}

/** Gateways say themselves when it was: what is later than now counts once it is now, or the newest would never grow old. */
async function unavailableUntil(db: Db, now: Date) {
  const since = new Date(now.getTime() - windowMs);
  const row = await db
    .selectFrom("decision_outcomes")
    .select(({ fn }) => [fn.countAll<string>().as("count"), fn.max("occurred_at").as("latest")])
    .where("decided_at", ">=", new Date(since.getTime() - windowMs)) // the index is by the time of the decision
    .where("occurred_at", ">=", since)
    .where("occurred_at", "<=", now)
    .where(sql<boolean>`position('"code":"audit_unavailable"' in record::text) > 0`)
    .executeTakeFirstOrThrow();
  return { count: Number(row.count), latest: row.latest as Date | null };
}
