import { setTimeout as sleep } from "node:timers/promises";
import { type RawBuilder, sql } from "kysely";
import { sqlState } from "../database/guarded-pool.ts";
import type { Db } from "../database/open-database.ts";

/** How often locks are asked for. Each time everybody else waits for as long as we do: at most half a second. */
export type LockPatience = { readonly attempts: number };

const waitMs = 500;
const restMs = 1_000;

/** From here on no statement of the transaction waits for a lock for long. */
export async function waitBriefly(tx: Db): Promise<void> {
  await sql`select set_config('lock_timeout', ${String(waitMs)}, true)`.execute(tx);
}

/** Whether a statement failed because others read or write what it wanted to lock. */
export const isLockTimeout = (error: unknown): boolean => sqlState(error) === "55P03";

/**
 * Locks tables for what only one may do. Who waits for such a lock stops everybody behind it: so it waits briefly, lets
 * the others pass, and asks again, having undone nothing of the transaction.
 *
 * @throws Error of SQLSTATE 55P03 when somebody keeps them all the time ({@link isLockTimeout})
 */
export async function lockTables(tx: Db, tables: RawBuilder<unknown>, { attempts }: LockPatience): Promise<void> {
  for (let left = attempts; ; left -= 1) {
    await sql`savepoint locks`.execute(tx);
    const failure = await sql`lock table ${tables} in access exclusive mode`.execute(tx).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (failure === undefined) return;
    if (!isLockTimeout(failure) || left <= 1) throw failure;
    await sql`rollback to savepoint locks`.execute(tx);
    await sleep(restMs);
  }
}
