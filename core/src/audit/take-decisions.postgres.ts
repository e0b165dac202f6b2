import { coreWriter } from "@vivified/contracts";
import { sql } from "kysely";
import type { Db } from "../database/open-database.ts";
import type { PlacedDecision } from "./block-store.ts";
import { decidedAt } from "./decided-at.ts";
import { decisionColumns } from "./decision-columns.ts";
import { outcomesOf } from "./outcomes-of.postgres.ts";
import { countShapes } from "./shapes/count-shapes.postgres.ts";
import { shapeOf } from "./shapes/decision-shape.ts";
import { shapeIds } from "./shapes/shape-ids.postgres.ts";
import { type SortableRow, sortIn } from "./shapes/sort-in.postgres.ts";
import { storableText } from "./storable-text.ts";

const rowsPerStatement = 500;
const day = 24 * 60 * 60 * 1000;

/**
 * Keeps decisions, each id once: core's own get their place in the row that is there; others that are there already, or
 * twice among these, stay out. Gives the places of those that it kept.
 */
export async function takeDecisions(db: Db, decisions: readonly PlacedDecision[]): Promise<readonly number[]> {
  if (decisions.length === 0) return [];
  const placed = await placeOwn(
    db,
    decisions.filter((one) => one.writer === coreWriter),
  );
  const there = await idsThere(db, decisions);
  const added = decisions.filter((one) => isFirst(there, storableText(one.record.decision_id)));
  return [...placed, ...(await insert(db, added))];
}

/** Notes the id as there. */
function isFirst(there: Set<string>, id: string): boolean {
  if (there.has(id)) return false;
  there.add(id);
  return true;
}

async function insert(db: Db, decisions: readonly PlacedDecision[]): Promise<readonly number[]> {
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

/** With the shapes that they have by now: what became of a decision may have been told before. */
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

/** Core's own rows that no block held before. The times, given as values too, keep other months out of the plan. */
async function placeOwn(db: Db, own: readonly PlacedDecision[]): Promise<readonly number[]> {
  if (own.length === 0) return [];
  const times = own.map((one) => new Date(one.record.timestamp));
  const ids = own.map((one) => storableText(one.record.decision_id));
  const sequences = own.map((one) => one.streamSequence);
  const indexes = own.map((one) => one.logIndex);
  const { rows } = await sql<SortableRow & { log_index: string }>`
    update decisions set stream_sequence = placed.stream_sequence, log_index = placed.log_index
    from unnest(${times}::timestamptz[], ${ids}::text[], ${sequences}::bigint[], ${indexes}::bigint[])
      as placed (occurred_at, decision_id, stream_sequence, log_index)
    where decisions.occurred_at = placed.occurred_at and decisions.decision_id = placed.decision_id
      and decisions.occurred_at between ${earliest(times)} and ${latest(times)}
      and decisions.stream_sequence is null and decisions.lane = 'core'
    returning decisions.log_index, decisions.occurred_at, decisions.decision_id, decisions.shape_id, decisions.record
  `.execute(db);
  await sortIn(db, rows);
  return rows.map((row) => Number(row.log_index));
}

/** Ids that are kept from about the same time on, by what the records or their ids say. */
async function idsThere(db: Db, decisions: readonly PlacedDecision[]): Promise<Set<string>> {
  const times = decisions.flatMap(({ record }) => [new Date(record.timestamp), decidedAt(record.decision_id)]);
  const dated = times.filter((time) => time.getTime() > 0);
  const ids = decisions.map((one) => storableText(one.record.decision_id));
  const { rows } = await sql<{ decision_id: string }>`
    select decision_id from decisions
    where decision_id = any(${ids}::text[])
      and occurred_at between ${earliest(dated, -day)} and ${latest(dated, day)}`.execute(db);
  return new Set(rows.map((row) => row.decision_id));
}

const earliest = (times: readonly Date[], ms = 0): Date => new Date(Math.min(...times.map(Number)) + ms);
const latest = (times: readonly Date[], ms = 0): Date => new Date(Math.max(...times.map(Number)) + ms);
