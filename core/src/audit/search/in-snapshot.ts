import type { Transaction } from "kysely";
import { sql } from "kysely";
import type { Db } from "../../database/open-database.ts";
import type { Tables } from "../../database/tables.ts";

/** Longer than any search of a healthy log takes. */
const longestStatementMs = 5_000;

/**
 * Reads at one moment: a decision that changes its shape meanwhile is neither missed nor found twice. A statement that
 * takes too long fails with `database_unavailable`, so that no search can hold the others up.
 */
export function inSnapshot<T>(db: Db, work: (db: Transaction<Tables>) => Promise<T>): Promise<T> {
  if (db.isTransaction) return work(db as Transaction<Tables>);
  return db
    .transaction()
    .setIsolationLevel("repeatable read")
    .setAccessMode("read only")
    .execute(async (transaction) => {
      await sql`set local statement_timeout = ${sql.lit(longestStatementMs)}`.execute(transaction);
      return work(transaction);
    });
}
