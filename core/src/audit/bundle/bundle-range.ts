import { type BundleQuery, mostEvidence } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import { sql } from "kysely";
import type { Db } from "../../database/open-database.ts";
import { outcomesBehind } from "./outcomes-behind.postgres.ts";
import { placesByPage, tooMuch } from "./places-by-page.ts";

/**
 * A stretch of the log, and the places behind it whose records are exported as well: what says that retention deleted
 * something of it, and outcomes of its decisions that were told later.
 */
export type BundleRange = { readonly from: number; readonly to: number; readonly evidence: readonly number[] };

/**
 * What was asked for, within what the checkpoint covers.
 *
 * @throws VivifiedError `invalid` 422 for places that make no sense, and for more evidence than an export can name
 */
export async function bundleRange(query: BundleQuery, size: number, db: Db): Promise<BundleRange> {
  const most = Math.min(size, query.to ?? size);
  const timed = query.since !== undefined || query.until !== undefined;
  const within = timed ? await placesIn(query, db) : { from: 0, to: size, behind: [] };
  const from = Math.min(size, Math.max(within.from, query.from ?? 0));
  const to = Math.min(within.to, most);
  if ((query.from ?? 0) > (query.to ?? size)) throw wrong("from", "lies behind to");
  if ((query.from ?? 0) > size) throw wrong("from", `lies behind the ${size} entries that are signed`);
  const end = Math.max(from, to);
  const outcomes = within.behind.filter((place) => place >= end && place < most);
  const evidence = [...outcomes, ...(await retentionsOf({ from, to: end }, size, db))].sort((a, b) => a - b);
  if (evidence.length > mostEvidence) throw tooMuch();
  return { from, to: end, evidence };
}

type Within = { readonly from: number; readonly to: number; readonly behind: readonly number[] };

/** From the first to the last decision in a time, with their outcomes: some stand behind, maybe far. */
async function placesIn({ since, until }: BundleQuery, db: Db): Promise<Within> {
  let query = db.selectFrom("decisions").where("log_index", "is not", null);
  if (since !== undefined) query = query.where("occurred_at", ">=", new Date(since));
  if (until !== undefined) query = query.where("occurred_at", "<", new Date(until));
  const { first, last } = await query
    .select(({ fn }) => [fn.min("log_index").as("first"), fn.max("log_index").as("last")])
    .executeTakeFirstOrThrow();
  if (first === null) return { from: 0, to: 0, behind: [] };
  const [from, to] = [Number(first), Number(last) + 1];
  return { from, to, behind: await outcomesBehind(db, { ...(since && { since }), ...(until && { until }), from, to }) };
}

/** The records behind a stretch that name places of it as deleted. Those that are not sorted in yet are looked at, too. */
function retentionsOf({ from, to }: { from: number; to: number }, size: number, db: Db): Promise<readonly number[]> {
  const label = (name: string) =>
    sql`(case when record->'labels'->>${name} ~ '^[0-9]{1,15}$' then (record->'labels'->>${name})::bigint end)`;
  return placesByPage(async (next, limit) => {
    const { rows } = await sql<{ log_index: string }>`
      select log_index from decisions
      where (shape_id is null or shape_id in (select id from decision_shapes where rules @> ${retention}))
        and lane = 'core' and rules @> ${retention} and log_index >= ${Math.max(next, to)} and log_index < ${size}
        and ${label("first_log_index")} < ${to} and ${label("last_log_index")} >= ${from}
      order by log_index limit ${limit}`.execute(db);
    return rows.map(({ log_index }) => Number(log_index));
  });
}

const retention = sql`array['audit.retention_applied']::text[]`;

function wrong(parameter: string, message: string): VivifiedError {
  return new VivifiedError("invalid", { extra: { violations: [{ pointer: `#querystring/${parameter}`, message }] } });
}
