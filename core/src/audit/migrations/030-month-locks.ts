import { type Kysely, sql } from "kysely";

/**
 * As in 012, but the table itself is locked, too. PostgreSQL lists the partitions of a statement once it has the table's
 * lock, and waits for theirs behind that: a statement that waited for the default partition alone found what was moved
 * neither there nor in the month, which was not on its list.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(ensureMonth).execute(db);
}

const ensureMonth = `
  create or replace function ensure_audit_month(first_day date) returns void language plpgsql as $$
  declare
    since timestamptz := date_trunc('month', first_day::timestamp) at time zone 'utc';
    till timestamptz := (date_trunc('month', first_day::timestamp) + interval '1 month') at time zone 'utc';
    parent text;
    key text;
    child text;
  begin
    perform pg_advisory_xact_lock(hashtext('audit months'));
    foreach parent in array array['decisions', 'decision_outcomes'] loop
      key := case parent when 'decisions' then 'occurred_at' else 'decided_at' end;
      child := parent || to_char(first_day, '_YYYY_MM');
      continue when to_regclass(child) is not null;
      execute format('lock table only %I, only %I in access exclusive mode', parent, parent || '_default');
      execute format('create table %I (like %I including defaults including constraints)', child, parent);
      execute format('with moved as (delete from %I where %I >= %L and %I < %L returning *) insert into %I select * from moved',
        parent || '_default', key, since, key, till, child);
      execute format('alter table %I attach partition %I for values from (%L) to (%L)', parent, child, since, till);
    end loop;
  end $$`;
