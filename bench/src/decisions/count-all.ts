import { sql } from "kysely";
import type { Db } from "../../../core/src/database/open-database.ts";

/**
 * Counts as ingest leaves them: also a row of nothing where decisions stood until it was told what became of them, and for
 * each shape when it was in use.
 */
export async function countAll(db: Db): Promise<void> {
  await sql`
    insert into decision_counts (shape_id, hour, records)
    select shape_id, date_trunc('hour', occurred_at, 'UTC'), count(*) from decisions group by 1, 2 order by 2`.execute(
    db,
  );
  await sql`
    insert into decision_counts (shape_id, hour, records)
    select untold.id, counted.hour, 0
    from decision_counts as counted join decision_shapes as told on told.id = counted.shape_id
      join decision_shapes as untold on untold.outcome = 'none' and told.outcome in ('done', 'failed') and
        row(untold.caller, untold.action, untold.resource, untold.target, untold.rules, untold.would_deny,
          untold.revision, untold.words)::text =
        row(told.caller, told.action, told.resource, told.target, told.rules, told.would_deny,
          told.revision, told.words)::text
    on conflict do nothing`.execute(db);
  await sql`
    update decision_shapes as shape set first_at = used.first_at, last_at = used.last_at
    from (select shape_id, min(hour) as first_at, max(hour) + interval '1 hour' as last_at
          from decision_counts group by 1) as used
    where used.shape_id = shape.id`.execute(db);
}
