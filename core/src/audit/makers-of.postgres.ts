import { coreWriter } from "@vivified/contracts";
import { processOf } from "@vivified/runtime";
import { sql } from "kysely";
import type { Db } from "../database/open-database.ts";
import type { PlacedRecord } from "./block-store.ts";
import { decidedAt } from "./decided-at.ts";
import { storableText } from "./storable-text.ts";
import { earliest, latest } from "./time-span.ts";

const day = 24 * 60 * 60 * 1000;

/**
 * Which process made the decisions that are kept already and that these records are or tell of, by id: the one on whose
 * subject the block stands. Empty where the block is not known any more. What is kept is looked for about the times that
 * the records or their ids say.
 */
export async function makersOf(db: Db, records: readonly PlacedRecord[]): Promise<Map<string, string>> {
  if (records.length === 0) return new Map();
  const times = records.flatMap(({ record }) => [new Date(record.timestamp), decidedAt(record.decision_id)]);
  const dated = times.filter((time) => time.getTime() > 0);
  const ids = [...new Set(records.map(({ record }) => storableText(record.decision_id)))];
  const { rows } = await sql<{ decision_id: string; maker: string }>`
    select decision_id, case when made.stream_sequence is null then ${coreWriter} else coalesce(writer, '') end as maker
    from decisions as made left join audit_blocks on audit_blocks.stream_sequence = made.stream_sequence
    where decision_id = any(${ids}::text[])
      and occurred_at between ${earliest(dated, -day)} and ${latest(dated, day)}`.execute(db);
  return new Map(rows.map((row) => [row.decision_id, processOf(row.maker)]));
}
