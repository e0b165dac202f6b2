import { sql, type Transaction } from "kysely";
import type { Tables } from "../database/tables.ts";
import { held, outcomeHeld } from "./held.ts";
import { cameLately, type RetentionLimit } from "./limit.ts";
import type { Deleted } from "./retention-record.ts";
import { uncount } from "./uncount.postgres.ts";

/** Deletes from the default partitions what is old, is not held any more, and did not come lately. */
export async function sweepDefault(tx: Transaction<Tables>, limit: RetentionLimit): Promise<Deleted> {
  const outcomes = await sql<{ log_index: string | null }>`
    delete from decision_outcomes_default as o
    where o.occurred_at < ${limit.until} and not ${cameLately("o", limit)} and not ${outcomeHeld}
    returning o.log_index`.execute(tx);
  const old = sql`d.occurred_at < ${limit.until} and not ${cameLately("d", limit)} and not ${held}`;
  await uncount(tx, sql`select shape_id, occurred_at from decisions_default as d where ${old}`);
  const decisions = await sql<{ log_index: string | null }>`
    delete from decisions_default as d where ${old}
    returning d.log_index`.execute(tx);
  const unplaced = await sql<{ log_index: string | null }>`
    delete from audit_unplaced as o where o.occurred_at < ${limit.until} and not ${cameLately("o", limit)}
      and not exists (select from audit_holds where lifted_at is null)
    returning o.log_index`.execute(tx);
  const gone = [...outcomes.rows, ...decisions.rows, ...unplaced.rows].flatMap(({ log_index: at }) =>
    at === null ? [] : [Number(at)],
  );
  const counts = { decisions: decisions.rows.length, outcomes: outcomes.rows.length, kept: 0 };
  if (gone.length === 0) return { from: "default", ...counts };
  const ends = gone.reduce(({ first, last }, at) => ({ first: Math.min(first, at), last: Math.max(last, at) }), {
    first: Number.POSITIVE_INFINITY,
    last: 0,
  });
  return { from: "default", ...counts, places: ends };
}
