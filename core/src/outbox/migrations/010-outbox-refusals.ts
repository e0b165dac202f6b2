import { type Kysely, sql } from "kysely";

/** How often the gateway said a no that it will say again; attempts count outages too. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table outbox add column refusals integer not null default 0`.execute(db);
}
