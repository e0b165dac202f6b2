import type { HistogramReply } from "@vivified/contracts";
import { type FacetName, type FacetQuery, type FacetReply, facetNames, type HistogramQuery } from "@vivified/contracts";
import { sql } from "kysely";
import type { Db } from "../../database/open-database.ts";
import { type Countable, countableSpan } from "./countable-span.ts";
import { countedSpan } from "./counted-span.ts";
import { inSnapshot } from "./in-snapshot.ts";

const valuesOfFacet = 20;
const hour = 60 * 60 * 1000;

/** How many decisions a filter wants, by what they have in common. */
export function countFacets(db: Db, filter: FacetQuery): Promise<FacetReply> {
  return inSnapshot(db, async (snapshot) => {
    const countable = await countableSpan(snapshot, filter, countedSpan(filter));
    const { rows } = await sql<{ facet: FacetName | "total"; value: string; count: string }>`
      with counted as materialized (
        select shape_id, sum(records) as records from decision_counts where ${countable.counts} group by 1
      ), shaped as materialized (
        select shape.*, counted.records from counted join decision_shapes as shape on shape.id = counted.shape_id
        where ${countable.shapes}
      ), valued as (
        select 'total' as facet, '' as value, records from shaped
        ${sql.join(facetNames.map(valuesOf), sql` `)}
      ), ranked as (
        select facet, value, sum(records) as count, row_number() over (partition by facet order by sum(records) desc, value)
        from valued group by 1, 2 having sum(records) > 0
      )
      select facet, value, count from ranked where row_number <= ${valuesOfFacet} order by facet, row_number`.execute(
      snapshot,
    );
    const valuesIn = (name: string) =>
      rows.filter((row) => row.facet === name).map(({ value, count }) => ({ value, count: Number(count) }));
    const facets = Object.fromEntries(facetNames.map((name) => [name, valuesIn(name)])) as FacetReply["facets"];
    return { ...told(countable), total: valuesIn("total")[0]?.count ?? 0, facets };
  });
}

const valuesOf = (name: FacetName) =>
  name === "rule"
    ? sql`union all select 'rule', unnest(rules), records from shaped`
    : sql`union all select ${sql.lit(name)}, ${sql.ref(name)}, records from shaped where ${sql.ref(name)} is not null`;

/** How many decisions of each effect a filter wants, over time. Without `since`, the last seven days before `until`. */
export function countOverTime(db: Db, query: HistogramQuery, now: Date): Promise<HistogramReply> {
  return inSnapshot(db, async (snapshot) => {
    const { buckets = 60, ...filter } = query;
    const until = filter.until ?? now.toISOString();
    const since = filter.since ?? new Date(Date.parse(until) - 7 * 24 * hour).toISOString();
    const countable = await countableSpan(snapshot, filter, countedSpan({ since, until }));
    const { span } = countable;
    const hours = Math.max(1, Math.ceil((span.until - span.since) / hour / buckets));
    const { rows } = await sql<{ at: Date; effect: "allow" | "sanitize" | "deny"; count: string }>`
      select date_bin(${`${hours} hours`}::interval, hour, ${new Date(span.since)}) as at, effect, sum(records) as count
      from decision_counts join decision_shapes as shape on shape.id = shape_id
      where ${countable.counts} and ${countable.shapes} group by 1, 2 having sum(records) > 0 order by 1`.execute(
      snapshot,
    );
    const found = new Map<number, HistogramReply["buckets"][number]>();
    for (const { at, effect, count } of rows) {
      const bucket = found.get(at.getTime()) ?? { since: at.toISOString(), allow: 0, sanitize: 0, deny: 0 };
      found.set(at.getTime(), { ...bucket, [effect]: Number(count) });
    }
    return { ...told(countable), hours, buckets: [...found.values()] };
  });
}

function told({ span: { since, until, rounded }, partly }: Countable) {
  return {
    ...(Number.isFinite(since) && { since: new Date(since).toISOString() }),
    ...(Number.isFinite(until) && { until: new Date(until).toISOString() }),
    estimated: rounded || partly,
  };
}
