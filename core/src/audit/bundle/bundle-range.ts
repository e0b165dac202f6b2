import type { BundleQuery } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import { sql } from "kysely";
import type { Db } from "../../database/open-database.ts";

/** A stretch of the log, and the places behind it whose records say what retention deleted. */
export type BundleRange = { readonly from: number; readonly to: number; readonly evidence: readonly number[] };

/** What was asked for, within what the checkpoint covers. @throws VivifiedError `invalid` 422 for places that make no sense */
export async function bundleRange(query: BundleQuery, size: number, db: Db): Promise<BundleRange> {
  const { since, until } = query;
  const within = since === undefined && until === undefined ? { from: 0, to: size } : await placesIn(query, db);
  const from = Math.min(size, Math.max(within.from, query.from ?? 0));
  const to = Math.min(size, within.to, query.to ?? size);
  if ((query.from ?? 0) > (query.to ?? size)) throw wrong("from", "lies behind to");
  if ((query.from ?? 0) > size) throw wrong("from", `lies behind the ${size} entries that are signed`);
  const end = Math.max(from, to);
  return { from, to: end, evidence: await retentionsBehind(end, size, db) };
}

/** From the first to the last decision in a time; outcomes stand between them, and shortly behind. */
async function placesIn({ since, until }: BundleQuery, db: Db): Promise<{ from: number; to: number }> {
  let query = db.selectFrom("decisions").where("log_index", "is not", null);
  if (since !== undefined) query = query.where("occurred_at", ">=", new Date(since));
  if (until !== undefined) query = query.where("occurred_at", "<", new Date(until));
  const { first, last } = await query
    .select(({ fn }) => [fn.min("log_index").as("first"), fn.max("log_index").as("last")])
    .executeTakeFirstOrThrow();
  return first === null ? { from: 0, to: 0 } : { from: Number(first), to: Number(last) + 1 };
}

const mostEvidence = 10_000;

async function retentionsBehind(to: number, size: number, db: Db): Promise<readonly number[]> {
  const rows = await db
    .selectFrom("decisions")
    .select("log_index")
    .where(sql<boolean>`rules @> array['audit.retention_applied']::text[]`)
    .where("log_index", ">=", String(to))
    .where("log_index", "<", String(size))
    .orderBy("log_index", "desc")
    .limit(mostEvidence)
    .execute();
  return rows.map(({ log_index }) => Number(log_index)).toReversed();
}

function wrong(parameter: string, message: string): VivifiedError {
  return new VivifiedError("invalid", { extra: { violations: [{ pointer: `#querystring/${parameter}`, message }] } });
}
