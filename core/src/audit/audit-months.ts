import { type Kysely, sql } from "kysely";
import type { Tables } from "../database/tables.ts";

const monthsBack = 84;
const monthsAhead = 2;

/** The first days of the months (UTC) that are to be there at a time: this one and the next two, `YYYY-MM-01`. */
export function monthsFrom(now: Date): readonly string[] {
  return Array.from({ length: monthsAhead + 1 }, (_, ahead) => firstDay(now, ahead));
}

/**
 * The months that records of these times belong to. A time that is more than seven years ago, or later than what is
 * made ahead, has none: such records stay in the default partitions.
 */
export function monthsOf(times: readonly Date[], now: Date): readonly string[] {
  const [first, last] = [firstDay(now, -monthsBack), firstDay(now, monthsAhead)];
  const months = new Set(times.filter(hasFourDigits).map((time) => firstDay(time, 0)));
  return [...months].filter((month) => month >= first && month <= last);
}

const hasFourDigits = (time: Date): boolean => time.getUTCFullYear() >= 1000 && time.getUTCFullYear() <= 9999;

function firstDay(time: Date, ahead: number): string {
  return new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth() + ahead)).toISOString().slice(0, 10);
}

/** Everybody who reads the trail waits behind who waits for the lock that a new partition takes. */
const lockMs = 500;

/**
 * Makes the partitions of these months, each in a transaction of its own; those that are there stay as they are.
 *
 * @throws Error of SQLSTATE 55P03 while somebody reads the trail for long, as a backup does
 */
export async function ensureMonths(db: Kysely<Tables>, months: readonly string[]): Promise<void> {
  for (const month of months) {
    await db.transaction().execute(async (tx) => {
      await sql`select set_config('lock_timeout', ${String(lockMs)}, true)`.execute(tx);
      await sql`select ensure_audit_month(${month}::date)`.execute(tx);
    });
  }
}
