import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table plugins (
      id text primary key,
      tenant_id text not null,
      spiffe_id text not null unique,
      status text not null check (status in ('registered', 'active', 'disabled')),
      manifest jsonb not null,
      manifest_digest text not null,
      proposed_manifest jsonb,
      proposed_digest text,
      registered_at timestamptz not null,
      last_heartbeat_at timestamptz,
      check ((proposed_manifest is null) = (proposed_digest is null))
    )`.execute(db);
  await sql`
    create table plugin_grants (
      id text primary key,
      plugin_id text not null references plugins (id) on delete cascade,
      position integer not null,
      grant_request jsonb not null,
      granted_by text not null,
      granted_at timestamptz not null
    )`.execute(db);
  await sql`create index plugin_grants_of_plugin on plugin_grants (plugin_id, position)`.execute(db);
}
