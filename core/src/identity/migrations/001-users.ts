import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table users (
      id text primary key,
      tenant_id text not null,
      username text not null,
      email text not null,
      full_name text not null,
      department text,
      manager text,
      password_hash text,
      roles text[] not null,
      created_at timestamptz not null,
      constraint users_username_is_unique unique (tenant_id, username)
    )`.execute(db);
  await sql`create unique index users_email_is_unique on users (tenant_id, lower(email))`.execute(db);
}
