import { type BundleQuery, mostEvidence } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import { tileWidth } from "@vivified/tlog";
import { sql } from "kysely";
import type { Db } from "../../database/open-database.ts";
import { neighbourhood } from "./bundle-paths.ts";
import { tellsOfDeletionIn } from "./deletions-of.postgres.ts";
import { outcomesBehind } from "./outcomes-behind.postgres.ts";
import { placesByPage, tooMuch } from "./places-by-page.ts";
import { placeOf, stretchIn, unplacedIn } from "./stretch-in-time.postgres.ts";

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
  const timed = asksForTime(query);
  const within = timed ? await placesIn(query, db) : { from: 0, to: size, behind: [] };
  const from = Math.min(size, Math.max(within.from, query.from ?? 0));
  const to = Math.min(within.to, most);
  if ((query.from ?? 0) > (query.to ?? size)) throw wrong("from", "lies behind to");
  if ((query.from ?? 0) > size) throw wrong("from", `lies behind the ${size} entries that are signed`);
  const end = Math.max(from, to);
  const behind = within.behind.filter((place) => place >= end && place < most);
  const deletions = await retentionsOf({ from, to: end }, { size, timed }, db);
  const evidence = [...new Set([...behind, ...deletions])].sort((a, b) => a - b);
  if (evidence.length > mostEvidence) throw tooMuch();
  return { from, to: end, evidence };
}

export const asksForTime = ({ since, until }: BundleQuery): boolean => since !== undefined || until !== undefined;

type Within = { readonly from: number; readonly to: number; readonly behind: readonly number[] };

/** From the first to the last decision in a time, with their outcomes: some stand behind, maybe far. */
async function placesIn({ since, until }: BundleQuery, db: Db): Promise<Within> {
  const time = { ...(since !== undefined && { since }), ...(until !== undefined && { until }) };
  const unplaced = await unplacedIn(db, time);
  const found = (await stretchIn(db, time)) ?? (await placeOf(db, time));
  const [from, to] = [Math.min(found.from, ...unplaced.slice(0, 1)), found.to];
  const outcomes = from < to ? await outcomesBehind(db, { ...time, from, to }) : [];
  return { from, to: Math.max(from, to), behind: [...outcomes, ...unplaced] };
}

type Stretch = { readonly from: number; readonly to: number };

/** The records that say that places of a stretch, or next to it, were deleted, and stand behind it; sorted in or not. */
function retentionsOf(stretch: Stretch, { size, timed }: { size: number; timed: boolean }, db: Db) {
  const { to: behind } = stretch;
  const { from, to } = timed ? withNeighbours(stretch) : stretch;
  return placesByPage(async (next, limit) => {
    const { rows } = await sql<{ log_index: string }>`
      select log_index from decisions
      where log_index >= ${Math.max(next, behind)} and log_index < ${size} and ${tellsOfDeletionIn({ from, to })}
      order by log_index limit ${limit}`.execute(db);
    return rows.map(({ log_index }) => Number(log_index));
  });
}

/** With the places that an export of a time is held to. */
export function withNeighbours(stretch: Stretch): Stretch {
  const [first, last] = neighbourhood(stretch);
  return { from: first * tileWidth, to: (last + 1) * tileWidth };
}

function wrong(parameter: string, message: string): VivifiedError {
  return new VivifiedError("invalid", { extra: { violations: [{ pointer: `#querystring/${parameter}`, message }] } });
}
