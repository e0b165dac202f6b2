import type { AuditRecord } from "@vivified/contracts";
import { type RawBuilder, sql } from "kysely";
import type { Db } from "../database/open-database.ts";
import type { LogRecords, LogWindow, PlacedRecord } from "./log-records.ts";

export function logRecords(db: Db): LogRecords {
  return {
    read: (from, places) => read(db, from, places),
    readAt: (places) => recordsWhere(db, sql`log_index = any(${places.map(String)}::bigint[])`),
  };
}

/** The size is read first: what lies below it was committed before, so nothing can appear there later. */
async function read(db: Db, from: number, places: number): Promise<LogWindow> {
  const size = await db.selectFrom("audit_position").select("log_size").executeTakeFirstOrThrow();
  const end = Math.min(from + places, Number(size.log_size));
  if (end <= from) return { records: [], end: from };
  return { records: await recordsWhere(db, sql`log_index >= ${from} and log_index < ${end}`), end };
}

async function recordsWhere(db: Db, place: RawBuilder<unknown>): Promise<readonly PlacedRecord[]> {
  const { rows } = await sql<{ log_index: string; record: string }>`
    select log_index, record::text from decisions where ${place}
    union all
    select log_index, record::text from decision_outcomes where ${place}
    union all
    select log_index, record from audit_unplaced where ${place}
    order by log_index`.execute(db);
  return rows.map(({ log_index, record }) => ({
    logIndex: Number(log_index),
    record: JSON.parse(record) as AuditRecord,
  }));
}
