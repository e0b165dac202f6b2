import { coreWriter } from "@vivified/contracts";
import { processOf } from "@vivified/runtime";
import { type RawBuilder, sql } from "kysely";
import type { Db } from "../database/open-database.ts";
import { type AskedMonth, askedMonths } from "./asked-months.ts";
import type { PlacedRecord } from "./block-store.ts";
import type { Makers } from "./sort-out.ts";
import { storableText } from "./storable-text.ts";

const idsPerStatement = 2_000;

type Made = { readonly decision_id: string; readonly maker: string | null; readonly log_index: string | null };

/**
 * Which process made the decisions that are kept already and that these records are or tell of: the one on whose subject
 * the block stands. What is kept is looked for in the months that the records or their ids say, one after the other, and
 * among decisions that got no row, but took their id.
 */
export async function makersOf(db: Db, records: readonly PlacedRecord[], now = new Date()): Promise<Makers> {
  const asked = askedMonths(
    records.map(({ record }) => record),
    now,
  );
  const made: Made[] = [];
  for (const month of asked) for (const ids of partsOf(month.ids)) made.push(...(await madeIn(db, month, ids)));
  for (const ids of partsOf(idsOf(records))) made.push(...(await claimedBy(db, ids)));
  made.sort((a, b) => Number(b.log_index ?? -1) - Number(a.log_index ?? -1)); // the first one of an id is said last, and counts
  return new Map(made.map(({ decision_id, maker }) => [decision_id, maker === null ? undefined : processOf(maker)]));
}

const idsOf = (records: readonly PlacedRecord[]): readonly string[] => [
  ...new Set(records.map(({ record }) => storableText(record.decision_id))),
];

function partsOf(ids: readonly string[]): readonly (readonly string[])[] {
  const parts = Math.ceil(ids.length / idsPerStatement);
  return Array.from({ length: parts }, (_, nth) => ids.slice(nth * idsPerStatement, (nth + 1) * idsPerStatement));
}

async function madeIn(db: Db, month: AskedMonth, ids: readonly string[]): Promise<readonly Made[]> {
  const { rows } = await sql<Made>`
    select decision_id, case when made.stream_sequence is null then ${coreWriter} else writer end as maker, log_index
    from decisions as made left join audit_blocks on audit_blocks.stream_sequence = made.stream_sequence
    where decision_id = any(${ids}::text[]) and ${within(month)}`.execute(db);
  return rows;
}

async function claimedBy(db: Db, ids: readonly string[]): Promise<readonly Made[]> {
  const { rows } = await sql<Made>`
    select decision_id, writer as maker, log_index
    from audit_unplaced as made left join audit_blocks on audit_blocks.stream_sequence = made.stream_sequence
    where decision_id = any(${ids}::text[]) and decision_id is not null`.execute(db);
  return rows;
}

/** Given as values, the times keep other months out of the plan. */
function within({ from, till, outside }: AskedMonth): RawBuilder<boolean> {
  return outside
    ? sql<boolean>`(occurred_at < ${from} or occurred_at >= ${till})`
    : sql<boolean>`occurred_at >= ${from} and occurred_at < ${till}`;
}
