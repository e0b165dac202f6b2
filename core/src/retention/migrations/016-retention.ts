import { type Kysely, sql } from "kysely";

/** Legal holds; and an index of denials by time, which the alert on their spikes counts. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table audit_holds (
      id text primary key,
      tenant_id text not null,
      reason text not null,
      since timestamptz,
      until timestamptz,
      caller text,
      target text,
      placed_by text not null,
      placed_at timestamptz not null,
      lift_requested_by text,
      lift_requested_at timestamptz,
      lifted_by text,
      lifted_at timestamptz
    )`.execute(db);
  await sql`create index decisions_denied on decisions (occurred_at) include (caller) where effect = 'deny'`.execute(
    db,
  );
}
