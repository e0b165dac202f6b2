import type { DecisionRecord, OutcomeRecord } from "@vivified/contracts";
import { sql } from "kysely";
import type { Db } from "../../database/open-database.ts";
import { outcomesOf } from "../outcomes-of.postgres.ts";
import { countShapes } from "./count-shapes.postgres.ts";
import { shapeOf } from "./decision-shape.ts";
import { mostShapes, shapeIds } from "./shape-ids.postgres.ts";

/** A decision's row as it is, with the shape that it has so far. */
export type SortableRow = {
  readonly occurred_at: Date;
  readonly decision_id: string;
  readonly shape_id: string | null;
  readonly record: unknown;
};

/** Gives rows the shape that they have by now, and counts them there; `most` shapes are kept apart. The caller holds the audit position's lock. */
export async function sortIn(db: Db, rows: readonly SortableRow[], most = mostShapes): Promise<void> {
  if (rows.length === 0) return;
  const outcomes = await outcomesOf(
    db,
    rows.map((row) => row.decision_id),
  );
  const ids = await shapeIds(
    db,
    rows.map((row) => ({ shape: shapeNow(row, outcomes), at: row.occurred_at })),
    most,
  );
  const moved = rows.map((row, nth) => ({ row, to: ids[nth] ?? "" })).filter(({ row, to }) => row.shape_id !== to);
  await move(db, moved);
  await countShapes(
    db,
    moved.flatMap(({ row: { shape_id: from, occurred_at: at }, to }) => [
      ...(from === null ? [] : [{ shapeId: from, at, change: -1 as const }]),
      { shapeId: to, at, change: 1 as const },
    ]),
  );
}

const shapeNow = (row: SortableRow, outcomes: ReadonlyMap<string, OutcomeRecord>) =>
  shapeOf(row.record as DecisionRecord, outcomes.get(row.decision_id));

async function move(db: Db, moved: readonly { readonly row: SortableRow; readonly to: string }[]): Promise<void> {
  if (moved.length === 0) return;
  const times = moved.map(({ row }) => row.occurred_at);
  const ids = moved.map(({ row }) => row.decision_id);
  const shapes = moved.map(({ to }) => to);
  await sql`
    update decisions set shape_id = moved.shape_id
    from unnest(${times}::timestamptz[], ${ids}::text[], ${shapes}::bigint[]) as moved (occurred_at, decision_id, shape_id)
    where decisions.occurred_at = moved.occurred_at and decisions.decision_id = moved.decision_id
      and decisions.occurred_at = any(${times}::timestamptz[])`.execute(db);
}
