import { type Kysely, sql } from "kysely";

/** Alerts, what is to be told of them, and one delivery for each notice and channel. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table alerts (
      id text primary key,
      tenant_id text not null,
      rule text not null,
      subject text not null,
      severity text not null check (severity in ('medium', 'high', 'critical')),
      message text not null,
      labels jsonb not null,
      opened_at timestamptz not null,
      evidence_at timestamptz not null,
      told integer not null,
      told_at timestamptz not null,
      resolved_at timestamptz,
      acknowledged_at timestamptz,
      acknowledged_by text,
      note text
    )`.execute(db);
  await sql`create unique index alerts_open on alerts (rule, subject) where resolved_at is null`.execute(db);
  await sql`create index alerts_last on alerts (rule, subject, evidence_at desc)`.execute(db);
  await sql`
    create table alert_notices (
      id text primary key,
      notice jsonb not null,
      fanned_out boolean not null default false,
      created_at timestamptz not null
    )`.execute(db);
  await sql`create index alert_notices_new on alert_notices (id) where not fanned_out`.execute(db);
  await sql`
    create table alert_deliveries (
      notice_id text not null references alert_notices (id),
      channel text not null,
      attempts integer not null default 0,
      next_attempt_at timestamptz not null,
      delivered_at timestamptz,
      dead_at timestamptz,
      last_code text,
      primary key (notice_id, channel)
    )`.execute(db);
  await sql`
    create index alert_deliveries_waiting on alert_deliveries (channel, next_attempt_at)
    where delivered_at is null and dead_at is null`.execute(db);
}
