import type { HistogramQuery, HistogramReply } from "@vivified/contracts";
import { sql } from "kysely";
import type { Db } from "../../database/open-database.ts";
import { type Countable, countableSpan } from "./countable-span.ts";
import { counted } from "./counted.ts";
import { countedSpan } from "./counted-span.ts";
import { inSnapshot } from "./in-snapshot.ts";

const hour = 60 * 60 * 1000;

/** How many decisions of each effect a filter wants, over time. Without `since`, the last seven days before `until`. */
export function countOverTime(db: Db, query: HistogramQuery, now: Date): Promise<HistogramReply> {
  return inSnapshot(db, async (snapshot) => {
    const { buckets = 60, ...filter } = query;
    const until = filter.until ?? now.toISOString();
    const since = filter.since ?? new Date(Date.parse(until) - 7 * 24 * hour).toISOString();
    const countable = await countableSpan(snapshot, filter, countedSpan({ since, until }));
    const { span } = countable;
    const hours = Math.max(1, Math.ceil((span.until - span.since) / hour / buckets));
    return { ...counted(countable), hours, buckets: bucketsOf(await countsBy(snapshot, hours, countable)) };
  });
}

type CountRow = { readonly at: Date; readonly effect: "allow" | "sanitize" | "deny"; readonly count: string };

/** In buckets of so many hours from the beginning of the span on; those without any are left out. */
async function countsBy(db: Db, hours: number, { span, counts, shapes }: Countable): Promise<readonly CountRow[]> {
  const { rows } = await sql<CountRow>`
    select date_bin(${`${hours} hours`}::interval, hour, ${new Date(span.since)}) as at, effect, sum(records) as count
    from decision_counts join decision_shapes as shape on shape.id = shape_id
    where ${counts} and ${shapes} group by 1, 2 having sum(records) > 0 order by 1`.execute(db);
  return rows;
}

function bucketsOf(rows: readonly CountRow[]): HistogramReply["buckets"] {
  const found = new Map<number, HistogramReply["buckets"][number]>();
  for (const { at, effect, count } of rows) {
    const bucket = found.get(at.getTime()) ?? { since: at.toISOString(), allow: 0, sanitize: 0, deny: 0 };
    found.set(at.getTime(), { ...bucket, [effect]: Number(count) });
  }
  return [...found.values()];
}
