import { type Kysely, sql } from "kysely";

/** Blocks with a fault are kept whole. That each is taken in once, the position says; an epoch may come again, as a fault. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table audit_blocks add column content bytea`.execute(db);
  await sql`drop index audit_blocks_once`.execute(db);
  await sql`create index audit_blocks_of_epoch on audit_blocks (writer, epoch)`.execute(db);
  await sql`create index audit_blocks_faulty on audit_blocks (stream_sequence) where fault is not null`.execute(db);
}
