import type { Clock } from "@vivified/runtime";
import { type RawBuilder, sql } from "kysely";
import type { Db } from "../../database/open-database.ts";
import type { AlertRule } from "../finding.ts";

const windowMs = 15 * 60_000;
const lookBackMs = 7 * 24 * 60 * 60_000;

type Refused = { readonly count: number; readonly latest: Date | null };

/**
 * Gateways could not write the trail and refused what would have gone unrecorded; they say so in outcomes afterwards. Core,
 * its database or NATS may have been away meanwhile: what came in since the last look that was kept counts, however long ago it was.
 */
export function auditUnavailable(db: Db, clock: Clock): AlertRule {
  let [looked, kept]: (string | undefined)[] = [];
  const look = async () => {
    const { size, through } = await ends(db);
    const now = clock.now();
    const since = new Date(now.getTime() - windowMs);
    const recent = await refused(
      db,
      sql`decided_at >= ${new Date(since.getTime() - windowMs)}
      and occurred_at >= ${since} and occurred_at <= ${now}`,
    ); // the index is by the time of the decision
    const late = await refused(
      db,
      sql`log_index >= ${kept ?? through}
      and decided_at >= ${new Date(now.getTime() - lookBackMs)} and occurred_at < ${since}`,
    );
    looked = size;
    const latest = recent.latest ?? late.latest;
    if (latest === null) return [];
    const count = recent.count + late.count;
    const message = `Gateways could not write the audit trail: ${count} actions were refused${
      late.count > 0 ? `, ${late.count} of them more than fifteen minutes ago` : " within fifteen minutes"
    }`;
    const told = { severity: "critical", message, evidenceAt: latest, labels: { refused: String(count) } } as const;
    return [{ rule: "audit_unavailable", subject: "gateways", ...told } as const];
  };
  const keep = () => {
    kept = looked;
  };
  return { name: "audit_unavailable", look, kept: keep, ends: windowMs };
}

/** Where the log ends, and up to where core, this one or another, has gone through it ten minutes after it came in. */
async function ends(db: Db): Promise<{ readonly size: string; readonly through: string }> {
  const { rows } = await sql<{ size: string; through: string }>`
    select log_size as size, through_log_index as through from audit_position, audit_untold`.execute(db);
  return rows[0] ?? { size: "0", through: "0" };
}

/** Gateways say themselves when it was: what is later than now counts once it is now, or the newest would never grow old. */
async function refused(db: Db, which: RawBuilder<unknown>): Promise<Refused> {
  const row = await db
    .selectFrom("decision_outcomes")
    .select(({ fn }) => [fn.countAll<string>().as("count"), fn.max("occurred_at").as("latest")])
    .where(sql<boolean>`(${which})`)
    .where(sql<boolean>`position('"code":"audit_unavailable"' in record::text) > 0`)
    .executeTakeFirstOrThrow();
  return { count: Number(row.count), latest: row.latest as Date | null };
}
