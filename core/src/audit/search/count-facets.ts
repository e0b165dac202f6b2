import { type FacetName, type FacetQuery, type FacetReply, facetNames } from "@vivified/contracts";
import { sql } from "kysely";
import type { Db } from "../../database/open-database.ts";
import { type Countable, countableSpan } from "./countable-span.ts";
import { counted } from "./counted.ts";
import { countedSpan } from "./counted-span.ts";
import { inSnapshot } from "./in-snapshot.ts";

const valuesOfFacet = 20;

/** How many decisions a filter wants, by what they have in common. */
export function countFacets(db: Db, filter: FacetQuery): Promise<FacetReply> {
  return inSnapshot(db, async (snapshot) => {
    const countable = await countableSpan(snapshot, filter, countedSpan(filter));
    const rows = await mostFrequent(snapshot, countable);
    const valuesIn = (name: string) =>
      rows.filter((row) => row.facet === name).map(({ value, count }) => ({ value, count: Number(count) }));
    const facets = Object.fromEntries(facetNames.map((name) => [name, valuesIn(name)])) as FacetReply["facets"];
    return { ...counted(countable), total: valuesIn("total")[0]?.count ?? 0, facets };
  });
}

type FacetRow = { readonly facet: FacetName | "total"; readonly value: string; readonly count: string };

/** The most frequent values of each facet, each facet's in order; and all decisions, as a facet of one value. */
async function mostFrequent(db: Db, countable: Countable): Promise<readonly FacetRow[]> {
  const { rows } = await sql<FacetRow>`
    with ${shapedIn(countable)}, valued as (
      select 'total' as facet, '' as value, records from shaped
      ${sql.join(facetNames.map(valuesOf), sql` `)}
    ), ranked as (
      select facet, value, sum(records) as count, row_number() over (partition by facet order by sum(records) desc, value)
      from valued group by 1, 2 having sum(records) > 0
    )
    select facet, value, count from ranked where row_number <= ${valuesOfFacet} order by facet, row_number`.execute(db);
  return rows;
}

/** `shaped`: the shapes that fit, each with how many decisions have it. */
function shapedIn({ counts, shapes }: Countable) {
  return sql`
    counted as materialized (
      select shape_id, sum(records) as records from decision_counts where ${counts} group by 1
    ), shaped as materialized (
      select shape.*, counted.records from counted join decision_shapes as shape on shape.id = counted.shape_id
      where ${shapes}
    )`;
}

const valuesOf = (name: FacetName) =>
  name === "rule"
    ? sql`union all select 'rule', unnest(rules), records from shaped`
    : sql`union all select ${sql.lit(name)}, ${sql.ref(name)}, records from shaped where ${sql.ref(name)} is not null`;
