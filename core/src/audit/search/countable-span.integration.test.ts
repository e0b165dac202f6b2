import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type MigratedDatabase, migratedDatabase } from "../../database/migrated-database.fixtures.ts";
import { decisionStore } from "../decision-store.postgres.ts";

const stack = new AsyncDisposableStack();
let database: MigratedDatabase;
const hours = ["2026-11-01T00:00:00.000Z", "2026-11-01T01:00:00.000Z", "2026-11-01T02:00:00.000Z"];

/** Twenty thousand shapes, each with one decision in each of three hours. */
beforeAll(async () => {
  database = stack.use(await migratedDatabase());
  await sql`
    insert into decision_shapes (digest, lane, entrypoint, caller, action, effect, rules, would_deny, revision, wide, words, first_at, last_at)
    select n, 'rpc', 'rpc/invoke', 'caller-' || n, 'invoke', 'allow', '{rpc.granted}', false, 'r', false, '',
      ${hours[0]}::timestamptz, ${hours[2]}::timestamptz + interval '1 hour'
    from generate_series(1, 20000) as n`.execute(database.db);
  await sql`
    insert into decision_counts (shape_id, hour, records)
    select id, hour, 1 from decision_shapes cross join unnest(${hours}::timestamptz[]) as hour`.execute(database.db);
}, 60_000);
afterAll(() => stack.disposeAsync());

const store = () => decisionStore(database.db);
const until = "2026-11-01T03:00:00.000Z";

describe("counts of more than can be read in a moment", () => {
  it("are of the newest whole hours, and say since when", async () => {
    const facets = await store().facets({ lane: "rpc" });
    expect(facets).toMatchObject({ since: hours[1], estimated: true, total: 40_000 });
    expect(facets.facets.lane).toEqual([{ value: "rpc", count: 40_000 }]);
  });

  it("are of the newest whole hours over time too", async () => {
    const histogram = await store().histogram({ until }, new Date(until));
    expect(histogram).toMatchObject({ since: hours[1], until, estimated: true });
    expect(histogram.buckets.map(({ since, allow }) => [since, allow])).toEqual([
      [hours[1], 20_000],
      [hours[2], 20_000],
    ]);
  });

  it("are exact where the time asked for has few", async () => {
    const facets = await store().facets({ until: hours[2] ?? "" });
    expect(facets).toMatchObject({ until: hours[2], estimated: false, total: 40_000 });
    expect(facets).not.toHaveProperty("since");
  });

  it("are exact, and of all times, where the filter has few", async () => {
    const facets = await store().facets({ caller: "caller-7" });
    expect(facets).toMatchObject({ estimated: false, total: 3 });
    expect(facets).not.toHaveProperty("since");
  });

  it("are of the newest hour, where that has more than can be read by itself", async () => {
    const crowded = "2026-12-01T05:00:00.000Z";
    await sql`insert into decision_counts (shape_id, hour, records)
      select 1000000 + n, ${crowded}::timestamptz, 1 from generate_series(1, 60000) as n
      union all select id, ${crowded}::timestamptz, 7 from decision_shapes where caller = 'caller-9'`.execute(
      database.db,
    );
    await sql`update decision_shapes set last_at = ${crowded}::timestamptz + interval '1 hour' where caller = 'caller-9'`.execute(
      database.db,
    );
    expect(await store().facets({ lane: "rpc" })).toMatchObject({ since: crowded, estimated: true, total: 7 });
  });

  it("are nothing for what is not there", async () => {
    expect(await store().facets({ caller: "nobody" })).toMatchObject({ estimated: false, total: 0 });
  });
});
