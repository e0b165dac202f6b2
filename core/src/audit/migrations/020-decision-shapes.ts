import { type Kysely, sql } from "kysely";

/**
 * What decisions have in common, once: decisions differ in time, trace and ids, and share the rest with many others. A search
 * finds the shapes first, then the newest decisions of each; counts per hour answer how many there are.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table decision_shapes (
      id bigint generated always as identity primary key,
      digest text not null unique,
      lane text not null,
      entrypoint text not null,
      caller text not null,
      action text not null,
      resource text,
      target text,
      effect text not null,
      rules text[] not null,
      would_deny boolean not null,
      revision text not null,
      outcome text,
      wide boolean not null,
      words tsvector not null,
      first_at timestamptz not null,
      last_at timestamptz not null
    )`.execute(db);
  for (const column of ["caller", "resource", "target"])
    await sql`create index ${sql.raw(`decision_shapes_by_${column} on decision_shapes (${column})`)}`.execute(db);
  await sql`create index decision_shapes_by_rule on decision_shapes using gin (rules)`.execute(db);
  await sql`create index decision_shapes_by_words on decision_shapes using gin (words)`.execute(db);
  await sql`
    create table decision_counts (
      shape_id bigint not null,
      hour timestamptz not null,
      records bigint not null,
      primary key (shape_id, hour)
    ) with (fillfactor = 80)`.execute(db);
  await sql`create index decision_counts_by_hour on decision_counts (hour)`.execute(db);
  await sql`drop index decisions_by_caller, decisions_by_rule, decisions_by_trace`.execute(db);
  await sql`alter table decisions add column shape_id bigint`.execute(db);
  await sql`create index decisions_by_shape on decisions (shape_id, occurred_at desc, decision_id desc)`.execute(db);
  await sql`create index decisions_by_trace on decisions (trace_id, occurred_at desc)`.execute(db);
  await sql`create index decisions_without_shape on decisions (occurred_at desc, decision_id desc)
    where shape_id is null`.execute(db);
}
