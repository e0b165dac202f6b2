import type { Db } from "../database/open-database.ts";
import type { PlacedOutcome } from "./block-store.ts";
import { decidedAt } from "./decided-at.ts";
import { storableText } from "./storable-text.ts";

const rowsPerStatement = 1000;

/** Keeps the first outcome of each decision, which may come before the decision. Gives the places of those it kept. */
export async function takeOutcomes(db: Db, outcomes: readonly PlacedOutcome[]): Promise<readonly number[]> {
  const kept: number[] = [];
  for (let from = 0; from < outcomes.length; from += rowsPerStatement) {
    const rows = await db
      .insertInto("decision_outcomes")
      .values(outcomes.slice(from, from + rowsPerStatement).map(columnsOf))
      .onConflict((conflict) => conflict.doNothing())
      .returning("log_index")
      .execute();
    kept.push(...rows.map((row) => Number(row.log_index)));
  }
  return kept;
}

function columnsOf({ record, streamSequence, logIndex }: PlacedOutcome) {
  return {
    decided_at: decidedAt(record.decision_id),
    decision_id: storableText(record.decision_id),
    occurred_at: new Date(record.timestamp),
    record: JSON.stringify(record),
    stream_sequence: String(streamSequence),
    log_index: String(logIndex),
  };
}
