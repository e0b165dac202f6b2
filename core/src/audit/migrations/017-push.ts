import { type Kysely, sql } from "kysely";

/** How far the log was pushed to each receiver, and what receivers refused for good. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table audit_push_positions (
      receiver text primary key,
      next_index bigint not null default 0,
      holder text,
      held_until timestamptz
    )`.execute(db);
  await sql`
    create table audit_push_refusals (
      receiver text not null,
      log_index bigint not null,
      status integer not null,
      detail text not null,
      refused_at timestamptz not null,
      primary key (receiver, log_index)
    )`.execute(db);
}
