import { canonicalRecord, logEntry } from "@vivified/contracts";
import { sql } from "kysely";
import type { Db } from "../database/open-database.ts";
import type { PlacedDecision, PlacedOutcome, PlacedRecord } from "./block-store.ts";
import type { RecordFault } from "./chain-fault.ts";
import { makersOf } from "./makers-of.postgres.ts";
import { isDecision } from "./parse-block.ts";
import { placeOwn } from "./place-own.postgres.ts";
import { sortInAgain } from "./shapes/sort-in-again.postgres.ts";
import { sortOut } from "./sort-out.ts";
import { storableText } from "./storable-text.ts";
import { takeDecisions } from "./take-decisions.postgres.ts";
import { takeOutcomes } from "./take-outcomes.postgres.ts";
import { unplacedColumns } from "./unplaced-columns.ts";

const rowsPerStatement = 1000;

/** Keeps what blocks hold: leaves for all, rows for what counts. Gives the log indexes of what does not count, and why. */
export async function takeRecords(db: Db, records: readonly PlacedRecord[]): Promise<ReadonlyMap<number, RecordFault>> {
  await addLeaves(db, records);
  const storable = records.filter((one) => one.storable);
  const places = new Set(await placeOwn(db, storable.filter(isPlacedDecision)));
  const { decisions, outcomes, foreign, claims } = sortOut(records, await makersOf(db, records));
  const told = new Set(await takeOutcomes(db, outcomes));
  for (const place of [...told, ...(await takeDecisions(db, decisions))]) places.add(place);
  await sortInAgain(db, idsOf(outcomes.filter((one) => told.has(one.logIndex))));
  const unplaced = records.filter((one) => !places.has(one.logIndex));
  await addUnplaced(db, unplaced, claims);
  return new Map(
    unplaced
      .filter((one) => one.storable)
      .map(({ logIndex }) => [logIndex, foreign.has(logIndex) ? "foreign_outcome" : "replayed"]),
  );
}

const idsOf = (outcomes: readonly PlacedOutcome[]) => outcomes.map(({ record }) => storableText(record.decision_id));

const isPlacedDecision = (one: PlacedRecord): one is PlacedDecision => isDecision(one.record);

/** What has no row of its own is kept beside: whoever reads the log finds a record for every entry. */
async function addUnplaced(db: Db, records: readonly PlacedRecord[], claims: ReadonlySet<number>): Promise<void> {
  for (let from = 0; from < records.length; from += rowsPerStatement) {
    const rows = records
      .slice(from, from + rowsPerStatement)
      .map((one) => ({ ...unplacedRow(one), ...unplacedColumns(one.record, claims.has(one.logIndex)) }));
    await db.insertInto("audit_unplaced").values(rows).execute();
  }
}

function unplacedRow({ logIndex, record, streamSequence }: PlacedRecord) {
  return {
    log_index: String(logIndex),
    occurred_at: new Date(record.timestamp),
    record: canonicalRecord(record),
    stream_sequence: String(streamSequence),
  };
}

/** They wait here until the transparency log has taken them into its tree. */
async function addLeaves(db: Db, records: readonly PlacedRecord[]): Promise<void> {
  if (records.length === 0) return;
  const places = records.map((one) => one.logIndex);
  const entries = records.map((one) => logEntry(one.record));
  await sql`
    insert into audit_leaves (log_index, entry) select * from unnest(${places}::bigint[], ${entries}::text[])`.execute(
    db,
  );
}
