import { type Kysely, sql } from "kysely";
import type { Tables } from "../../database/tables.ts";
import { blockStore } from "../block-store.postgres.ts";
import { mostShapes } from "./shape-ids.postgres.ts";
import { type SortableRow, sortIn } from "./sort-in.postgres.ts";

const rowsAtATime = 1000;

/**
 * Sorts in what was written beside the stream: core's own records, and what was there before there were shapes. Until
 * then a search looks at those rows one by one. Turn by turn, so that blocks are not kept waiting.
 */
export async function sortInWaiting(db: Kysely<Tables>, most = mostShapes): Promise<void> {
  let sorted: number;
  do {
    sorted = await db.transaction().execute(async (transaction) => {
      if (!(await someWait(transaction))) return 0;
      await blockStore(transaction).lockPosition();
      const { rows } = await sql<SortableRow>`
        select occurred_at, decision_id, shape_id, record from decisions where shape_id is null
        order by occurred_at desc, decision_id desc limit ${rowsAtATime} for update`.execute(transaction);
      await sortIn(transaction, rows, most);
      return rows.length;
    });
  } while (sorted === rowsAtATime);
}

async function someWait(db: Kysely<Tables>): Promise<boolean> {
  const { rows } = await sql`select 1 from decisions where shape_id is null limit 1`.execute(db);
  return rows.length > 0;
}
