import { VivifiedError } from "@vivified/runtime";
import type { Transaction } from "kysely";
import { sql } from "kysely";
import { sqlState } from "../../database/guarded-pool.ts";
import type { Db } from "../../database/open-database.ts";
import type { Tables } from "../../database/tables.ts";

/** Longer than any search of a healthy log takes. */
const longestStatementMs = 5_000;

/**
 * Reads at one moment: a decision that changes its shape meanwhile is neither missed nor found twice. No search can hold the
 * others up: a statement that takes too long is ended.
 *
 * @throws VivifiedError `search_too_broad` 422 when one was
 */
export function inSnapshot<T>(db: Db, work: (db: Transaction<Tables>) => Promise<T>): Promise<T> {
  if (db.isTransaction) return work(db as Transaction<Tables>);
  return db
    .transaction()
    .setIsolationLevel("repeatable read")
    .setAccessMode("read only")
    .execute(async (transaction) => {
      await sql`set local statement_timeout = ${sql.lit(longestStatementMs)}`.execute(transaction);
      await lockMonths(transaction);
      return work(transaction).catch(tooBroad);
    });
}

/**
 * Before the moment, which is that of the first query behind it: what is moved into a month or out of one meanwhile would
 * be looked for where it is now, and be there as of a moment before.
 */
async function lockMonths(db: Db): Promise<void> {
  await sql`lock table only decisions, only decision_outcomes in access share mode`.execute(db);
}

function tooBroad(error: unknown): never {
  if (!(error instanceof VivifiedError) || sqlState(error.cause) !== queryCanceled) throw error;
  const detail = "it takes the database too long: narrow the time span (since, until), or filter by more";
  throw new VivifiedError("search_too_broad", { detail, cause: error.cause });
}

const queryCanceled = "57014";
