import { type Kysely, sql } from "kysely";

/** Whose payload a decision keeps a part of: forgetting asks whether a legal hold covers any of them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table decisions add column kept_subject text`.execute(db);
  await sql`update decisions set kept_subject = record->'kept'->>'subject' where record->'kept' is not null`.execute(
    db,
  );
  await sql`create index decisions_by_kept_subject on decisions (kept_subject) where kept_subject is not null`.execute(
    db,
  );
}
