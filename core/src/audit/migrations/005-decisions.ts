import { type Kysely, sql } from "kysely";

/** Partitioned by time from the start: retention drops partitions. Whole records are `json`: text kept as it came. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table decisions (
      occurred_at timestamptz not null,
      decision_id text not null,
      tenant_id text not null,
      lane text not null,
      entrypoint text not null,
      caller text not null,
      action text not null,
      resource text not null,
      target text,
      effect text not null check (effect in ('allow', 'sanitize', 'deny')),
      rules text[] not null,
      trace_id text not null,
      parent_id text,
      record json not null,
      stream_sequence bigint,
      primary key (occurred_at, decision_id)
    ) partition by range (occurred_at)`.execute(db);
  await sql`create table decisions_default partition of decisions default`.execute(db);
  await sql`create index decisions_by_id on decisions (decision_id)`.execute(db);
  await sql`create index decisions_by_trace on decisions (trace_id)`.execute(db);
  await sql`create index decisions_by_caller on decisions (caller, occurred_at desc)`.execute(db);
  await sql`create index decisions_by_rule on decisions using gin (rules)`.execute(db);
}
