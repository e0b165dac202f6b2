import { type Kysely, sql } from "kysely";

/** How far permits have been asked for their outcome, in the order of the log. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table audit_untold (
      singleton boolean primary key default true check (singleton),
      through_log_index bigint not null
    )`.execute(db);
  await sql`insert into audit_untold (through_log_index) values (-1)`.execute(db);
}
