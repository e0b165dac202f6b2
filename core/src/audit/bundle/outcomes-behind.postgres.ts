import type { BundleQuery } from "@vivified/contracts";
import { sql } from "kysely";
import type { Db } from "../../database/open-database.ts";
import { placesByPage } from "./places-by-page.ts";

/** A time, and the stretch of the log from its first decision to its last. */
export type TimedStretch = Pick<BundleQuery, "since" | "until"> & { readonly from: number; readonly to: number };

/**
 * Where outcomes stand, ascending, that are behind the stretch although their decision stands in it.
 *
 * @throws VivifiedError `invalid` 422 when there are more than an export can name
 */
export function outcomesBehind(db: Db, { since, until, from, to }: TimedStretch): Promise<readonly number[]> {
  const [first, end] = [since ?? "-infinity", until ?? "infinity"];
  return placesByPage(async (next, limit) => {
    const { rows } = await sql<{ log_index: string }>`
      select o.log_index from decision_outcomes as o
      where o.log_index >= ${Math.max(next, to)}
        and o.decided_at >= ${first}::timestamptz - interval '1 day'
        and o.decided_at < ${end}::timestamptz + interval '1 day'
        and exists (
          select from decisions as d
          where d.decision_id = o.decision_id and d.log_index >= ${from} and d.log_index < ${to}
            and d.occurred_at >= ${first}::timestamptz and d.occurred_at < ${end}::timestamptz
            and d.occurred_at between o.decided_at - interval '1 day' and o.decided_at + interval '1 day')
      order by o.log_index limit ${limit}`.execute(db);
    return rows.map(({ log_index }) => Number(log_index));
  });
}
