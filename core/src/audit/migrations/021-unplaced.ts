import { type Kysely, sql } from "kysely";

/** Records of the log that have no row of their own: told before, or more than a row can hold. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table audit_unplaced (
      log_index bigint primary key,
      occurred_at timestamptz not null,
      record text not null,
      stream_sequence bigint not null
    )`.execute(db);
}
