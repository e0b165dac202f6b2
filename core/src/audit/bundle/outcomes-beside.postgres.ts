import type { BundleQuery } from "@vivified/contracts";
import { sql } from "kysely";
import type { Db } from "../../database/open-database.ts";
import { placesByPage } from "./places-by-page.ts";

/** A time, and the stretch of the log from its first decision to its last. */
export type TimedStretch = Pick<BundleQuery, "since" | "until"> & { readonly from: number; readonly to: number };

/** The first place before the stretch, and the places behind it, ascending. */
export type OutcomesBeside = { readonly first?: number; readonly behind: readonly number[] };

/**
 * Where outcomes stand that are before or behind the stretch although their decision stands in it.
 *
 * @throws VivifiedError `invalid` 422 when more of them are behind it than an export can name
 */
export async function outcomesBeside(db: Db, stretch: TimedStretch): Promise<OutcomesBeside> {
  const { rows } = await sql<{ first: string | null }>`
    select min(o.log_index) as first ${outcomesOf(stretch)} and o.log_index < ${stretch.from}`.execute(db);
  const behind = await placesByPage(async (from, limit) => {
    const page = await sql<{ log_index: string }>`
      select o.log_index ${outcomesOf(stretch)} and o.log_index >= ${Math.max(from, stretch.to)}
      order by o.log_index limit ${limit}`.execute(db);
    return page.rows.map(({ log_index }) => Number(log_index));
  });
  const first = rows[0]?.first ?? undefined;
  return { ...(first !== undefined && { first: Number(first) }), behind };
}

function outcomesOf({ since, until, from, to }: TimedStretch) {
  const [first, end] = [since ?? "-infinity", until ?? "infinity"];
  return sql`
    from decision_outcomes as o
    where o.decided_at >= ${first}::timestamptz - interval '1 day'
      and o.decided_at < ${end}::timestamptz + interval '1 day'
      and exists (
        select from decisions as d
        where d.decision_id = o.decision_id and d.log_index >= ${from} and d.log_index < ${to}
          and d.occurred_at >= ${first}::timestamptz and d.occurred_at < ${end}::timestamptz
          and d.occurred_at between o.decided_at - interval '1 day' and o.decided_at + interval '1 day')`;
}
