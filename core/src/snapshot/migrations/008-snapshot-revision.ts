import { type Kysely, sql } from "kysely";

/** One row that every change of the snapshot updates: revisions count up in the order of the commits. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table snapshot_revision (
      singleton boolean primary key default true check (singleton),
      revision bigint not null
    )`.execute(db);
  await sql`insert into snapshot_revision (revision) values (1)`.execute(db);
}
