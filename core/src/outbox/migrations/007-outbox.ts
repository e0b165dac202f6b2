import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table outbox (
      id text primary key,
      seq bigint generated always as identity,
      tenant_id text not null,
      event_type text not null,
      payload jsonb not null,
      traceparent text not null,
      created_at timestamptz not null,
      attempts integer not null default 0,
      next_attempt_at timestamptz not null,
      delivered_at timestamptz,
      failed_at timestamptz,
      last_code text
    )`.execute(db);
  await sql`
    create index outbox_waiting on outbox (next_attempt_at, seq)
    where delivered_at is null and failed_at is null`.execute(db);
}
