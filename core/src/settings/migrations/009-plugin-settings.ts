import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table plugin_settings (
      plugin_id text primary key references plugins (id) on delete cascade,
      tenant_id text not null,
      settings jsonb not null,
      updated_at timestamptz not null
    )`.execute(db);
}
