import type { Clock } from "@vivified/runtime";
import { sql } from "kysely";
import type { Db } from "../../database/open-database.ts";
import type { AlertRule } from "../finding.ts";

const windowMs = 15 * 60_000;

/** Gateways could not write the trail and refused what would have gone unrecorded; they say so in outcomes afterwards. */
export function auditUnavailable(db: Db, clock: Clock): AlertRule {
  const look = async () => {
    const { count, latest } = await unavailableSince(db, new Date(clock.now().getTime() - windowMs));
    if (latest === null) return [];
    const message = `Gateways could not write the audit trail: ${count} actions were refused within fifteen minutes`;
    const told = { severity: "critical", message, evidenceAt: latest, labels: { refused: String(count) } } as const;
    return [{ rule: "audit_unavailable", subject: "gateways", ...told } as const];
  };
  return { name: "audit_unavailable", look, ends: windowMs };
}

async function unavailableSince(db: Db, since: Date) {
  const row = await db
    .selectFrom("decision_outcomes")
    .select(({ fn }) => [fn.countAll<string>().as("count"), fn.max("occurred_at").as("latest")])
    .where("decided_at", ">=", new Date(since.getTime() - windowMs)) // the index is by the time of the decision
    .where("occurred_at", ">=", since)
    .where(sql<boolean>`record->>'code' = 'audit_unavailable'`)
    .executeTakeFirstOrThrow();
  return { count: Number(row.count), latest: row.latest as Date | null };
}
