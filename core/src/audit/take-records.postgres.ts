import { canonicalRecord, logEntry } from "@vivified/contracts";
import { sql } from "kysely";
import type { Db } from "../database/open-database.ts";
import type { PlacedDecision, PlacedOutcome, PlacedRecord } from "./block-store.ts";
import { isDecision, isOutcome } from "./parse-block.ts";
import { sortInAgain } from "./shapes/sort-in-again.postgres.ts";
import { storableText } from "./storable-text.ts";
import { takeDecisions } from "./take-decisions.postgres.ts";
import { takeOutcomes } from "./take-outcomes.postgres.ts";

const rowsPerStatement = 1000;

/** Keeps what blocks hold: leaves for all, rows for what rows can hold. Gives the log indexes of those that were there. */
export async function takeRecords(db: Db, records: readonly PlacedRecord[]): Promise<ReadonlySet<number>> {
  await addLeaves(db, records);
  const storable = records.filter((one) => one.storable);
  const outcomes = storable.filter(isPlacedOutcome);
  const keptOutcomes = new Set(await takeOutcomes(db, outcomes));
  const places = new Set([...keptOutcomes, ...(await takeDecisions(db, storable.filter(isPlacedDecision)))]);
  await sortInAgain(db, idsOf(outcomes.filter((one) => keptOutcomes.has(one.logIndex))));
  await addUnplaced(
    db,
    records.filter((one) => !places.has(one.logIndex)),
  );
  return new Set(storable.map((one) => one.logIndex).filter((logIndex) => !places.has(logIndex)));
}

const idsOf = (outcomes: readonly PlacedOutcome[]) => outcomes.map(({ record }) => storableText(record.decision_id));

const isPlacedDecision = (one: PlacedRecord): one is PlacedDecision => isDecision(one.record);
const isPlacedOutcome = (one: PlacedRecord): one is PlacedOutcome => isOutcome(one.record);

/** What has no row of its own is kept beside: whoever reads the log finds a record for every entry. */
async function addUnplaced(db: Db, records: readonly PlacedRecord[]): Promise<void> {
  for (let from = 0; from < records.length; from += rowsPerStatement) {
    const rows = records.slice(from, from + rowsPerStatement).map(unplacedRow);
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
