import { sql } from "kysely";
import type { Db } from "./open-database.ts";

const everyMs = 1_000;

/**
 * Does work that takes its time outside of the database while a transaction holds a lock for it. The server ends
 * transactions that ask nothing; this one goes on asking for as long as its process lives. A lost connection is told by
 * the next statement.
 */
export async function keepAlive<T>(transaction: Db, work: () => Promise<T>): Promise<T> {
  const ask = () => void sql`select 1`.execute(transaction).catch(() => undefined);
  const timer = setInterval(ask, everyMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
