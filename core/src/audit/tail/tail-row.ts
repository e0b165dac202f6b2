import type { DecisionRecord } from "@vivified/contracts";
import { sql } from "kysely";
import type { Db } from "../../database/open-database.ts";

/** A decision in the order of the log. */
export type TailRow = { readonly logIndex: number; readonly shapeId: string | null; readonly record: DecisionRecord };

/** The next decisions of the log behind a place; outcomes have places too, and are left out. */
export async function rowsAfter(db: Db, after: number, limit: number): Promise<readonly TailRow[]> {
  const { rows } = await sql<{ log_index: string; shape_id: string | null; record: unknown }>`
    select log_index, shape_id, record from decisions where log_index > ${after} order by log_index limit ${limit}`.execute(
    db,
  );
  return rows.map((row) => ({
    logIndex: Number(row.log_index),
    shapeId: row.shape_id,
    record: row.record as DecisionRecord,
  }));
}

/** The last place of the log that is taken; -1 before the first. */
export async function lastPlace(db: Db): Promise<number> {
  const row = await db.selectFrom("audit_position").select("log_size").executeTakeFirstOrThrow();
  return Number(row.log_size) - 1;
}
