import { type Kysely, sql } from "kysely";

/** Signed heads of the audit log, witnesses' signatures on them, and the row that whoever works on the log holds. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table log_state (
      singleton boolean primary key default true check (singleton),
      fault text
    )`.execute(db);
  await sql`insert into log_state (fault) values (null)`.execute(db);
  await sql`
    create table log_checkpoints (
      size bigint primary key,
      root text not null,
      note text not null,
      made_at timestamptz not null
    )`.execute(db);
  await sql`
    create table log_cosignatures (
      size bigint not null references log_checkpoints (size),
      witness text not null,
      line text not null,
      made_at timestamptz not null,
      primary key (size, witness)
    )`.execute(db);
  await sql`create index log_cosignatures_by_witness on log_cosignatures (witness, size desc)`.execute(db);
}
