import { sql } from "kysely";
import type { Db } from "../../database/open-database.ts";

/** One decision more (1) or less (-1) of a shape in the hour in which it occurred. */
export type ShapeCount = { readonly shapeId: string; readonly at: Date; readonly change: 1 | -1 };

/** Keeps how many decisions of which shape each hour has. Whoever counts holds the audit position's lock. */
export async function countShapes(db: Db, counts: readonly ShapeCount[]): Promise<void> {
  if (counts.length === 0) return;
  const ids = counts.map((one) => one.shapeId);
  const times = counts.map((one) => one.at);
  const changes = counts.map((one) => one.change);
  await sql`
    insert into decision_counts (shape_id, hour, records)
    select shape_id, date_trunc('hour', at, 'UTC'), sum(change)
    from unnest(${ids}::bigint[], ${times}::timestamptz[], ${changes}::int[]) as counted (shape_id, at, change)
    group by 1, 2 having sum(change) <> 0
    on conflict (shape_id, hour) do update set records = decision_counts.records + excluded.records`.execute(db);
}
