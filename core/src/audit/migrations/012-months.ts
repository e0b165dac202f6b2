import { type Kysely, sql } from "kysely";

/**
 * Decisions and outcomes by month, and the log's order. An outcome lies in the month of its decision, which its UUIDv7
 * tells: so it is found without a look into every month, and goes with its decision.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table decisions add column log_index bigint`.execute(db);
  await sql`create index decisions_by_log_index on decisions (log_index)`.execute(db);
  await sql`alter table audit_position add column log_size bigint not null default 0`.execute(db);
  await sql`create table audit_leaves (log_index bigint primary key, entry text not null)`.execute(db);
  await partitionOutcomes(db);
  await sql.raw(ensureMonth).execute(db);
  await moveIntoMonths(db);
}

async function partitionOutcomes(db: Kysely<unknown>): Promise<void> {
  await sql`alter table decision_outcomes rename to outcomes_before`.execute(db);
  await sql`alter table outcomes_before rename constraint decision_outcomes_pkey to outcomes_before_pkey`.execute(db);
  await sql`
    create table decision_outcomes (
      decided_at timestamptz not null,
      decision_id text not null,
      occurred_at timestamptz not null,
      record json not null,
      stream_sequence bigint not null,
      log_index bigint,
      primary key (decided_at, decision_id)
    ) partition by range (decided_at)`.execute(db);
  await sql`create table decision_outcomes_default partition of decision_outcomes default`.execute(db);
  await sql`create index decision_outcomes_by_log_index on decision_outcomes (log_index)`.execute(db);
  await sql`
    insert into decision_outcomes (decided_at, decision_id, occurred_at, record, stream_sequence)
    select case when decision_id ~ '^0[0-3][0-9a-f]{6}-[0-9a-f]{4}-7' then
      timestamptz 'epoch' + interval '1 millisecond' *
        ('x0000' || substr(replace(decision_id, '-', ''), 1, 12))::bit(64)::bigint
      else timestamptz 'epoch' end, decision_id, occurred_at, record, stream_sequence
    from outcomes_before`.execute(db);
  await sql`drop table outcomes_before`.execute(db);
}

/** A month of both tables, in UTC; what the default partitions hold of it moves over. Safe to call at any time. */
const ensureMonth = `
  create function ensure_audit_month(first_day date) returns void language plpgsql as $$
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
      execute format('lock table %I in access exclusive mode', parent || '_default');
      execute format('create table %I (like %I including defaults including constraints)', child, parent);
      execute format('with moved as (delete from %I where %I >= %L and %I < %L returning *) insert into %I select * from moved',
        parent || '_default', key, since, key, till, child);
      execute format('alter table %I attach partition %I for values from (%L) to (%L)', parent, child, since, till);
    end loop;
  end $$`;

/** The months of what is there, as far as seven years back, and the next three. */
async function moveIntoMonths(db: Kysely<unknown>): Promise<void> {
  await sql`
    select ensure_audit_month(month::date) from (
      select distinct date_trunc('month', at at time zone 'utc') as month from (
        select occurred_at as at from decisions union all select decided_at from decision_outcomes
        union all select now() + n * interval '1 month' from generate_series(0, 2) as n
      ) as moments
    ) as months
    where month > now() - interval '85 months' and month < now() + interval '3 months'
    order by month`.execute(db);
}
