import { type Kysely, sql } from "kysely";

/**
 * Bundles never change once they are there; of all activations one is in force and at most one waits. Their numbers come
 * from the one row that every change locks, so they count up in the order of the commits.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await bundles(db);
  await activations(db);
  await sql`
    create table policy_state (
      singleton boolean primary key default true check (singleton),
      last_activation bigint not null,
      shadow_revision text references policy_bundles
    )`.execute(db);
  await sql`insert into policy_state (last_activation) values (0)`.execute(db);
}

async function bundles(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table policy_bundles (
      revision text primary key,
      tenant_id text not null,
      sha256 text not null,
      archive bytea not null,
      parts text[] not null,
      serial bigint not null,
      rules integer not null,
      relaxed jsonb not null,
      key_id text not null,
      stored_by text not null,
      stored_at timestamptz not null
    )`.execute(db);
  await sql`
    create function policy_bundles_never_change() returns trigger language plpgsql
    as $$ begin raise exception 'policy bundles never change'; end $$`.execute(db);
  await sql`
    create trigger policy_bundles_never_change before update on policy_bundles
    for each row execute function policy_bundles_never_change()`.execute(db);
}

async function activations(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table policy_activations (
      id bigint primary key,
      tenant_id text not null,
      kind text not null check (kind in ('bootstrap', 'publish', 'rollback', 'source')),
      revision text not null references policy_bundles,
      state text not null check (state in ('pending', 'active', 'replaced', 'rejected')),
      note text not null,
      requested_by text not null,
      requested_at timestamptz not null,
      decided_by text,
      decided_at timestamptz
    )`.execute(db);
  await sql`
    create unique index policy_activations_one on policy_activations (state)
    where state in ('pending', 'active')`.execute(db);
}
