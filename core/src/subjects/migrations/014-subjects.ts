import { type Kysely, sql } from "kysely";

/** What records keep of payloads, as one row, and which keys of data subjects were destroyed. No subject is named. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table kept_payloads (
      singleton boolean primary key default true check (singleton),
      rules jsonb not null
    )`.execute(db);
  await sql`
    create table forgotten_keys (
      key text primary key,
      tenant_id text not null,
      subject text not null,
      forgotten_at timestamptz not null
    )`.execute(db);
}
