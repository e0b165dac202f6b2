import { sql, type Transaction } from "kysely";
import type { Tables } from "../database/tables.ts";
import { deletedPlaces } from "./deleted-places.postgres.ts";
import { cameLately, isAwaited, type RetentionLimit } from "./limit.ts";
import type { Deleted } from "./retention-record.ts";
import { decisionStays, outcomeStays } from "./stays.ts";
import { uncount } from "./uncount.postgres.ts";

/**
 * Deletes from the default partitions what is old, is not held any more, and did not come lately. So is what
 * has no row of its own, also by a time that nobody believes: a deletion tells auditors that all of it is from before.
 */
export async function sweepDefault(tx: Transaction<Tables>, limit: RetentionLimit): Promise<Deleted> {
  const places = await deletedPlaces(tx);
  const outcomes = await places.noteDeleted(sql`
    delete from decision_outcomes_default as o
    where o.occurred_at < ${limit.until} and not ${outcomeStays(limit)} returning o.log_index`);
  const old = sql`d.occurred_at < ${limit.until} and not ${decisionStays(limit)}`;
  await uncount(tx, sql`select shape_id, occurred_at from decisions_default as d where ${old}`);
  const decisions = await places.noteDeleted(sql`
    delete from decisions_default as d where ${old} returning d.log_index`);
  const unplaced = await places.noteDeleted(sql`
    delete from audit_unplaced as o
    where o.occurred_at < ${limit.until} and not ${cameLately("o", limit)} and not ${isAwaited("o", limit)}
      and not exists (select from audit_holds where lifted_at is null)
    returning o.log_index`);
  return { from: "default", decisions, outcomes, unplaced, kept: 0, places: await places.ranges() };
}
