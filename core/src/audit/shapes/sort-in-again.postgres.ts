import { sql } from "kysely";
import type { Db } from "../../database/open-database.ts";
import { decidedAt } from "../decided-at.ts";
import { type SortableRow, sortIn } from "./sort-in.postgres.ts";

const day = 24 * 60 * 60 * 1000;

/**
 * Sorts decisions in again when it was told what became of them. One that is not there yet is sorted in when it comes;
 * one whose time is more than a day from what its id says keeps the shape that it has.
 */
export async function sortInAgain(db: Db, decisionIds: readonly string[]): Promise<void> {
  const times = decisionIds.map((id) => decidedAt(id).getTime()).filter((time) => time > 0);
  if (times.length === 0) return;
  const [since, until] = [new Date(Math.min(...times) - day), new Date(Math.max(...times) + day)];
  const { rows } = await sql<SortableRow>`
    select occurred_at, decision_id, shape_id, record from decisions
    where decision_id = any(${decisionIds}::text[]) and occurred_at between ${since} and ${until}
      and shape_id is not null`.execute(db);
  await sortIn(db, rows);
}
