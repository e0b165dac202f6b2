import { type RawBuilder, sql } from "kysely";
import type { Db } from "../database/open-database.ts";

/** What is old enough: by what records say of themselves, and by when they really came. */
export type RetentionLimit = {
  /** Records from before this moment … */
  readonly until: Date;
  /** … that lie in blocks before this one of the stream, which was the first to come in behind that moment. */
  readonly firstKept: number;
  /** Every receiver of the log has what lies before this place. */
  readonly pushedTo: number;
};

/** How far all receivers of the log have got it. */
export type Pushed = (db: Db) => Promise<{ readonly place: number }>;

/** Who could date a record back could have it deleted: so the time at which its block came counts as well. */
export async function limitOf(db: Db, until: Date, pushed: Pushed): Promise<RetentionLimit> {
  const { rows } = await sql<{ first: string }>`
    select coalesce(
      (select min(stream_sequence) from audit_blocks where ingested_at >= ${until}),
      (select stream_sequence + 1 from audit_position)) as first`.execute(db);
  return { until, firstKept: Number(rows[0]?.first ?? 0), pushedTo: (await pushed(db)).place };
}

/** Whether a row came too lately to go, or stands in no block yet, as SQL. */
export function cameLately(row: "d" | "o", { firstKept }: RetentionLimit): RawBuilder<boolean> {
  const sequence = sql.ref(`${row}.stream_sequence`);
  return sql<boolean>`(${sequence} is null or ${sequence} >= ${firstKept})`;
}

/** Whether a receiver of the log has not got a row yet. What is in no log is not pushed. */
export function isAwaited(row: "d" | "o", { pushedTo }: RetentionLimit): RawBuilder<boolean> {
  return sql<boolean>`coalesce(${sql.ref(`${row}.log_index`)} >= ${pushedTo}, false)`;
}
