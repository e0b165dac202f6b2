import { type RawBuilder, sql } from "kysely";
import type { Db } from "../../database/open-database.ts";
import type { DecisionCursor, DecisionFilter } from "../decision-store.ts";
import {
  type FoundShape,
  findShapes,
  fitsBySelf,
  moment,
  newestUse,
  rowConditions,
  shapeConditions,
} from "./shape-filter.ts";

/** Where a decision's row is. */
export type DecisionKey = { readonly occurred_at: Date; readonly decision_id: string };

export type KeySearch = {
  readonly filter: DecisionFilter;
  readonly limit: number;
  readonly before?: DecisionCursor | undefined;
};

const hour = 60 * 60 * 1000;
/** How far back each look goes, from the newest that may be there; the last one to the beginning. */
const looks = [6 * hour, 5 * 24 * hour, 60 * 24 * hour, Number.POSITIVE_INFINITY];

/**
 * The newest decisions that a filter wants: the newest of each shape that fits, from the latest hours backwards until
 * there are enough. What a filter matches rarely costs as little as what it matches often.
 */
export async function findKeys(db: Db, search: KeySearch): Promise<readonly DecisionKey[]> {
  const { filter } = search;
  if (shapeConditions(filter).length === 0) return walk(db, search, sql`true`);
  if (filter.trace_id !== undefined) return walk(db, search, fitsBySelf(filter));
  const unsorted = await walk(db, search, sql.join([sql`shape_id is null`, ...rowConditions(filter)], sql` and `));
  return newest([...unsorted, ...(await ofShapes(db, search))], search.limit);
}

/** Rows in order of time, each held against a condition. */
async function walk(db: Db, search: KeySearch, condition: RawBuilder<unknown>): Promise<readonly DecisionKey[]> {
  const { filter, limit } = search;
  const trace = filter.trace_id === undefined ? sql`true` : sql`trace_id = ${filter.trace_id}`;
  const { rows } = await sql<DecisionKey>`
    select occurred_at, decision_id from decisions
    where ${trace} and (${condition}) and ${within(search)}
    order by occurred_at desc, decision_id desc limit ${limit}`.execute(db);
  return rows;
}

async function ofShapes(db: Db, search: KeySearch): Promise<readonly DecisionKey[]> {
  const { filter, limit, before } = search;
  const newestOne = await newestUse(db, filter);
  if (newestOne === undefined) return [];
  const end = Math.min(newestOne, timeOf(filter.until), before?.occurredAt.getTime() ?? newestOne);
  const found: DecisionKey[] = [];
  let until = Number.POSITIVE_INFINITY;
  for (const look of looks) {
    const since = Math.max(end - look, timeOf(filter.since, Number.NEGATIVE_INFINITY));
    if (since > end) break;
    const shapes = await findShapes(db, filter, { since, until: Math.min(until, end) });
    found.push(...(await newestOf(db, { ...search, limit: limit - found.length }, { shapes, since, until })));
    if (found.length >= limit || since <= timeOf(filter.since, Number.NEGATIVE_INFINITY)) break;
    until = since;
  }
  return found;
}

type Look = { readonly shapes: readonly FoundShape[]; readonly since: number; readonly until: number };

async function newestOf(db: Db, search: KeySearch, { shapes, since, until }: Look): Promise<readonly DecisionKey[]> {
  if (shapes.length === 0) return [];
  const { filter, limit } = search;
  const ids = shapes.map((shape) => shape.id);
  const partly = shapes.filter((shape) => shape.partly).map((shape) => shape.id);
  const closer =
    partly.length === 0
      ? sql`true`
      : sql`(shape.id <> all(${partly}::bigint[]) or (${sql.join(rowConditions(filter), sql` and `)}))`;
  const { rows } = await sql<DecisionKey>`
    select newest.* from unnest(${ids}::bigint[]) as shape (id) cross join lateral (
      select occurred_at, decision_id from decisions
      where shape_id = shape.id and ${within(search)} and ${closer}
        and occurred_at >= ${moment(since)} and occurred_at < ${moment(until)}
      order by occurred_at desc, decision_id desc limit ${limit}
    ) as newest
    order by occurred_at desc, decision_id desc limit ${limit}`.execute(db);
  return rows;
}

/** The span of time that a search asks for, and what its last page left. */
function within({ filter: { since, until }, before }: KeySearch): RawBuilder<unknown> {
  return sql.join(
    [
      sql`true`,
      ...(since === undefined ? [] : [sql`occurred_at >= ${new Date(since)}`]),
      ...(until === undefined ? [] : [sql`occurred_at < ${new Date(until)}`]),
      ...(before === undefined
        ? []
        : [
            sql`occurred_at <= ${before.occurredAt}`,
            sql`(occurred_at, decision_id) < (${before.occurredAt}, ${before.decisionId})`,
          ]),
    ],
    sql` and `,
  );
}

function newest(keys: readonly DecisionKey[], limit: number): readonly DecisionKey[] {
  return keys.toSorted(newestFirst).slice(0, limit);
}

/** As PostgreSQL orders them: by time, then by id. */
function newestFirst(a: DecisionKey, b: DecisionKey): number {
  const later = b.occurred_at.getTime() - a.occurred_at.getTime();
  return later !== 0 ? later : Buffer.compare(Buffer.from(b.decision_id), Buffer.from(a.decision_id));
}

const timeOf = (time: string | undefined, otherwise = Number.POSITIVE_INFINITY): number =>
  time === undefined ? otherwise : Date.parse(time);
