import type { Db } from "../database/open-database.ts";
import type { PlacedDecision } from "./block-store.ts";
import { decisionColumns } from "./decision-columns.ts";
import { outcomesOf } from "./outcomes-of.postgres.ts";
import { countShapes } from "./shapes/count-shapes.postgres.ts";
import { shapeOf } from "./shapes/decision-shape.ts";
import { shapeIds } from "./shapes/shape-ids.postgres.ts";
import { storableText } from "./storable-text.ts";

const rowsPerStatement = 500;

/** Keeps decisions that are new. Gives the places of those that it kept. */
export async function takeDecisions(db: Db, decisions: readonly PlacedDecision[]): Promise<readonly number[]> {
  if (decisions.length === 0) return [];
  const shaped = await shapesOf(db, decisions);
  const kept = new Set<number>();
  for (let from = 0; from < shaped.length; from += rowsPerStatement) {
    const rows = await db
      .insertInto("decisions")
      .values(shaped.slice(from, from + rowsPerStatement).map((one) => decisionColumns(one.record, one)))
      .onConflict((conflict) => conflict.doNothing())
      .returning("log_index")
      .execute();
    for (const row of rows) kept.add(Number(row.log_index));
  }
  const counted = shaped.filter((one) => kept.has(one.logIndex));
  await countShapes(
    db,
    counted.map(({ shapeId, record }) => ({ shapeId, at: new Date(record.timestamp), change: 1 })),
  );
  return [...kept];
}

/** With the shapes that they have by now: what became of a decision may stand in the same batch. */
async function shapesOf(db: Db, decisions: readonly PlacedDecision[]) {
  const outcomes = await outcomesOf(
    db,
    decisions.map((one) => storableText(one.record.decision_id)),
  );
  const ids = await shapeIds(
    db,
    decisions.map(({ record }) => ({
      shape: shapeOf(record, outcomes.get(storableText(record.decision_id))),
      at: new Date(record.timestamp),
    })),
  );
  return decisions.map((one, nth) => ({ ...one, shapeId: ids[nth] ?? "" }));
}
