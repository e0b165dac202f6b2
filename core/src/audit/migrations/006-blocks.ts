import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table audit_position (
      singleton boolean primary key default true check (singleton),
      stream_sequence bigint not null
    )`.execute(db);
  await sql`insert into audit_position (stream_sequence) values (0)`.execute(db);
  await sql`
    create table audit_blocks (
      stream_sequence bigint primary key,
      writer text not null,
      epoch text not null,
      sequence bigint not null,
      previous text not null,
      hash text not null,
      records integer not null,
      fault text,
      ingested_at timestamptz not null
    )`.execute(db);
  await sql`create unique index audit_blocks_once on audit_blocks (writer, epoch, sequence) where fault is null`.execute(
    db,
  );
  await sql`create index audit_blocks_of_writer on audit_blocks (writer, stream_sequence desc)`.execute(db);
  await sql`
    create table decision_outcomes (
      decision_id text primary key,
      occurred_at timestamptz not null,
      record json not null,
      stream_sequence bigint not null
    )`.execute(db);
}
