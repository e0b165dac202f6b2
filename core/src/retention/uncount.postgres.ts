import { type RawBuilder, sql, type Transaction } from "kysely";
import type { Tables } from "../database/tables.ts";

/** Takes rows that go (`shape_id`, `occurred_at`) out of the counts by shape and hour; what has no shape was not counted. */
export async function uncount(tx: Transaction<Tables>, gone: RawBuilder<unknown>): Promise<void> {
  await sql`
    with gone as (
      select shape_id, date_trunc('hour', occurred_at, 'utc') as hour, count(*) as n
      from (${gone}) as rows where shape_id is not null group by 1, 2)
    update decision_counts as c set records = c.records - gone.n
    from gone where c.shape_id = gone.shape_id and c.hour = gone.hour`.execute(tx);
  await sql`delete from decision_counts where records <= 0`.execute(tx);
}
