import type { Db } from "../database/open-database.ts";
import type { PlacedOutcome } from "./block-store.ts";
import { outcomeColumns } from "./outcome-columns.ts";

const rowsPerStatement = 1000;

/** Keeps the first outcome of each decision. Gives the places of those it kept. */
export async function takeOutcomes(db: Db, outcomes: readonly PlacedOutcome[]): Promise<readonly number[]> {
  const kept: number[] = [];
  for (let from = 0; from < outcomes.length; from += rowsPerStatement) {
    const rows = await db
      .insertInto("decision_outcomes")
      .values(outcomes.slice(from, from + rowsPerStatement).map(outcomeColumns))
      .onConflict((conflict) => conflict.doNothing())
      .returning("log_index")
      .execute();
    kept.push(...rows.map((row) => Number(row.log_index)));
  }
  return kept;
}
