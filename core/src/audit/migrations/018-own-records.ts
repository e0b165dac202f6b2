import { type Kysely, sql } from "kysely";

/** Core's own records that no block holds yet, in order. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create index decisions_own on decisions (occurred_at, decision_id)
    where stream_sequence is null and lane = 'core'`.execute(db);
}
