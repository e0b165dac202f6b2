import type { BundleQuery } from "@vivified/contracts";
import { sql } from "kysely";
import type { Db } from "../../database/open-database.ts";
import { placesByPage } from "./places-by-page.ts";

type Time = Pick<BundleQuery, "since" | "until">;
type Stretch = { readonly from: number; readonly to: number };

/** From the place of the first decision in a time up to, not including, the one behind the last; undefined for none. */
export async function stretchIn(db: Db, { since, until }: Time): Promise<Stretch | undefined> {
  let query = db.selectFrom("decisions").where("log_index", "is not", null);
  if (since !== undefined) query = query.where("occurred_at", ">=", new Date(since));
  if (until !== undefined) query = query.where("occurred_at", "<", new Date(until));
  const { first, last } = await query
    .select(({ fn }) => [fn.min("log_index").as("first"), fn.max("log_index").as("last")])
    .executeTakeFirstOrThrow();
  return first === null ? undefined : { from: Number(first), to: Number(last) + 1 };
}

/** Where decisions of a time without any would stand: no places, behind the last decision before it. */
export async function placeOf(db: Db, { since }: Time): Promise<Stretch> {
  if (since === undefined) return { from: 0, to: 0 };
  const before = await db
    .selectFrom("decisions")
    .select("log_index")
    .where("log_index", "is not", null)
    .where("occurred_at", "<", new Date(since))
    .orderBy("occurred_at", "desc")
    .limit(1)
    .executeTakeFirst();
  const place = before === undefined ? 0 : Number(before.log_index) + 1;
  return { from: place, to: place };
}

/**
 * The places, ascending, of a time's decisions that no row of their own holds: told before, or too odd for one.
 *
 * @throws VivifiedError `invalid` 422 when there are more than an export can name
 */
export function unplacedIn(db: Db, { since, until }: Time): Promise<readonly number[]> {
  const [first, end] = [since ?? "-infinity", until ?? "infinity"];
  return placesByPage(async (next, limit) => {
    const { rows } = await sql<{ log_index: string }>`
      select log_index from audit_unplaced
      where occurred_at >= ${first}::timestamptz and occurred_at < ${end}::timestamptz
        and position('"kind":"decision"' in record) > 0 and log_index >= ${next}
      order by log_index limit ${limit}`.execute(db);
    return rows.map(({ log_index }) => Number(log_index));
  });
}
