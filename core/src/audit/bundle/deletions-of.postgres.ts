import { type RawBuilder, sql } from "kysely";

type Stretch = { readonly from: number; readonly to: number };

/** Whether a row of `decisions` is core's word that places of a stretch were deleted, as SQL; sorted in or not. */
export function tellsOfDeletionIn({ from, to }: Stretch): RawBuilder<boolean> {
  const label = (name: string) =>
    sql`(case when record->'labels'->>${name} ~ '^[0-9]{1,15}$' then (record->'labels'->>${name})::bigint end)`;
  return sql<boolean>`(
    (shape_id is null or shape_id in (select id from decision_shapes where rules @> ${retention}))
    and lane = 'core' and rules @> ${retention}
    and ${label("first_log_index")} < ${to} and ${label("last_log_index")} >= ${from})`;
}

const retention = sql`array['audit.retention_applied']::text[]`;
