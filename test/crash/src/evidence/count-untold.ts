import type { Client } from "pg";

/** Permits to which nobody has told an outcome and of which core has not yet said so. */
export async function countUntold(database: Client): Promise<number> {
  const { rows } = await database.query(`
    select count(*) from decisions as permit
    where entrypoint in ('events/publish', 'events/deliver', 'rpc/invoke', 'egress/connect') and effect <> 'deny'
      and decision_id not in (select decision_id from decision_outcomes)
      and decision_id not in (select parent_id from decisions where parent_id is not null
        and (entrypoint = 'refused' or 'audit.outcome_unknown' = any(rules)))`);
  return Number(rows[0]?.count);
}
