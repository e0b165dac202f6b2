import type { Clock } from "@vivified/runtime";
import type { Kysely } from "kysely";
import type { Tables } from "../database/tables.ts";
import { monthsBefore } from "./drop-month.postgres.ts";

export type OverdueMonthsDeps = { readonly db: Kysely<Tables>; readonly clock: Clock; readonly keepMs: number };

/** Retention looks once an hour: what it has let stand for longer, something keeps. */
const graceMs = 24 * 60 * 60 * 1000;

/** Months whose time was over a day ago and that are still there, as `YYYY-MM`, oldest first. */
export async function overdueMonths({ db, clock, keepMs }: OverdueMonthsDeps): Promise<readonly string[]> {
  const until = new Date(clock.now().getTime() - keepMs - graceMs);
  const months = await monthsBefore(db, until);
  return months.map((month) => month.replace("_", "-"));
}
