import { coreWriter } from "@vivified/contracts";
import { sql } from "kysely";
import type { Db } from "../database/open-database.ts";
import type { PlacedDecision } from "./block-store.ts";
import { type SortableRow, sortIn } from "./shapes/sort-in.postgres.ts";
import { storableText } from "./storable-text.ts";
import { earliest, latest } from "./time-span.ts";

/**
 * Gives core's own rows, which no block held before, their places. Gives the log indexes of those that it placed. The
 * times, given as values too, keep other months out of the plan.
 */
export async function placeOwn(db: Db, decisions: readonly PlacedDecision[]): Promise<readonly number[]> {
  const own = decisions.filter((one) => one.writer === coreWriter);
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
