import { type RawBuilder, sql } from "kysely";
import type { Db } from "../../database/open-database.ts";
import type { DecisionFilter } from "../decision-store.ts";
import type { CountedSpan } from "./counted-span.ts";
import { moment, shapeConditions, usedWithin } from "./shape-filter.ts";

/** What can be counted at once: which rows of `decision_counts` do it, and which of `decision_shapes` have to fit. */
export type Countable = {
  readonly span: CountedSpan;
  readonly counts: RawBuilder<unknown>;
  readonly shapes: RawBuilder<unknown>;
  /** Not all decisions that are counted need be wanted. */
  readonly partly: boolean;
};

const hour = 60 * 60 * 1000;
/** Rows of counts that are read for one answer, about. */
const mostCounts = 50_000;
const mostShapes = 2_000;

/**
 * As much of a span as counts can be read of in a moment: all of it for filters that few shapes fit; for others the
 * newest hours, as many as hold fifty thousand counts.
 */
export async function countableSpan(db: Db, filter: DecisionFilter, asked: CountedSpan): Promise<Countable> {
  const conditions = shapeConditions(filter);
  await joinByHash(db);
  const few = conditions.length === 0 ? undefined : await fewShapes(db, conditions, asked);
  const span = few === undefined ? await newestOf(db, asked) : asked;
  const ids = few === undefined ? sql`true` : sql`shape_id = any(${few.ids}::bigint[])`;
  return {
    span,
    counts: sql`${ids} and ${within(span)}`,
    shapes: sql.join([usedWithin(span), ...conditions], sql` and `),
    partly: await countsOthers(db, filter),
  };
}

/** Counts and shapes are thousands each, also where statistics of a young table say that they are few. */
async function joinByHash(db: Db): Promise<void> {
  await sql`set local enable_nestloop = off`.execute(db);
}

/** The shapes that fit, when they are few and were not in use for so many hours that reading their counts takes long. */
async function fewShapes(db: Db, conditions: readonly RawBuilder<boolean>[], asked: CountedSpan) {
  const { since, until } = asked;
  const { rows } = await sql<{ id: string; hours: number }>`
    select id, extract(epoch from least(last_at, ${moment(until)}) - greatest(first_at, ${moment(since)}))::float8 / 3600 as hours
    from decision_shapes
    where ${sql.join(conditions, sql` and `)} and ${usedWithin(asked)}
    limit ${mostShapes + 1}`.execute(db);
  const hours = rows.reduce((sum, row) => sum + row.hours, 0);
  return rows.length > mostShapes || hours > 2 * mostCounts ? undefined : { ids: rows.map((row) => row.id) };
}

/** The newest hours that can be read; the newest one that has counts in any case. */
async function newestOf(db: Db, asked: CountedSpan): Promise<CountedSpan> {
  const { rows } = await sql<{ hour: Date; newest: Date }>`
    select hour, (select max(hour) from decision_counts where ${within(asked)}) as newest from decision_counts
    where ${within(asked)} order by hour desc offset ${mostCounts} limit 1`.execute(db);
  const [edge] = rows;
  if (edge === undefined) return asked;
  return { ...asked, since: Math.min(edge.hour.getTime() + hour, edge.newest.getTime()), rounded: true };
}

/** Decisions of wide shapes are counted without a look at what was asked for. */
async function countsOthers(db: Db, filter: DecisionFilter): Promise<boolean> {
  if (filter.resource === undefined && filter.text === undefined) return false;
  const { resource: _, text: __, ...plain } = filter;
  const { rows } = await sql`
    select 1 from decision_shapes
    where ${sql.join([sql`wide`, ...shapeConditions(plain)], sql` and `)} limit 1`.execute(db);
  return rows.length > 0;
}

function within({ since, until }: CountedSpan): RawBuilder<unknown> {
  return sql`hour >= ${moment(since)} and hour < ${moment(until)}`;
}
