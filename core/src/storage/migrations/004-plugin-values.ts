import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table plugin_values (
      plugin_id text not null references plugins (id) on delete cascade,
      key text not null,
      tenant_id text not null,
      value jsonb not null,
      updated_at timestamptz not null,
      primary key (plugin_id, key)
    )`.execute(db);
}
