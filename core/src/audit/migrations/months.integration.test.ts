import { createLogger, uuidv7 } from "@vivified/runtime";
import { type Kysely, sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";
import { migrate } from "../../database/migrate.ts";
import { Database } from "../../database/open-database.ts";
import { startPostgres } from "../../postgres.fixtures.ts";
import { ensureMonths } from "../audit-months.ts";
import { decisionOf, outcomeOf } from "../block.fixtures.ts";
import { decidedAt } from "../decided-at.ts";
import { decisionStore } from "../decision-store.postgres.ts";
import { up as decisions } from "./005-decisions.ts";
import { up as months } from "./012-months.ts";

const logger = createLogger({ process: "test", level: "silent" });
const stack = new AsyncDisposableStack();
let database: Database;

beforeAll(async () => {
  const postgres = stack.use(await startPostgres());
  database = stack.use(new Database({ url: await postgres.createDatabase(), logger }));
});
afterAll(() => stack.disposeAsync());

const ids = [uuidv7(), "not-a-uuid"];
const partitions = async (table: string) => {
  const { rows } = await sql<{ name: string; rows: number }>`
    select tableoid::regclass::text as name, count(*)::int as rows from ${sql.table(table)} group by 1 order by 1`.execute(
    database.db,
  );
  return Object.fromEntries(rows.map((row) => [row.name, row.rows]));
};

const untyped = () => database.db as unknown as Kysely<unknown>;

/** The schema before months: 012 is undone by hand on the empty tables. */
async function undoMonths(): Promise<void> {
  for (const statement of [
    "drop table decisions, decision_outcomes, audit_leaves cascade",
    "drop function ensure_audit_month",
    "alter table audit_position drop column log_size",
  ])
    await sql.raw(statement).execute(database.db);
  await decisions(untyped());
  await sql`create table decision_outcomes (decision_id text primary key, occurred_at timestamptz not null,
    record json not null, stream_sequence bigint not null)`.execute(database.db);
}

it("moves what is there into its months, outcomes to their decisions", async () => {
  await migrate(database.db);
  await undoMonths();
  const before = sql`insert into decisions (occurred_at, decision_id, tenant_id, lane, entrypoint, caller, action,
    resource, effect, rules, trace_id, record) values`;
  for (const [n, id] of ids.entries()) {
    const record = decisionOf({ decision_id: id });
    await sql`${before} (${["2025-03-31T23:59:59.999Z", "1999-01-01T00:00:00Z"][n]}, ${id}, 'default', 'rpc',
      'rpc/invoke', 'c', 'a', 'r', 'allow', '{}', 't', ${JSON.stringify(record)})`.execute(database.db);
    await sql`insert into decision_outcomes values (${id}, now(), ${JSON.stringify(outcomeOf(record))}, 1)`.execute(
      database.db,
    );
  }
  await months(untyped());
  expect(await partitions("decisions")).toEqual({ decisions_2025_03: 1, decisions_default: 1 });
  const month = decidedAt(ids[0] ?? "")
    .toISOString()
    .slice(0, 7)
    .replace("-", "_");
  expect(await partitions("decision_outcomes")).toEqual({
    [`decision_outcomes_${month}`]: 1,
    decision_outcomes_default: 1,
  });
  for (const id of ids)
    expect(await decisionStore(database.db).find(id)).toMatchObject({ outcome: { decision_id: id } });
});

it("makes a month later out of what the default partition holds, and does nothing when it is there", async () => {
  await sql`update decisions set occurred_at = '2020-05-05' where decision_id = ${ids[1]}`.execute(database.db);
  await ensureMonths(database.db, ["2020-05-01", "2020-05-01"]);
  expect(await partitions("decisions")).toEqual({ decisions_2020_05: 1, decisions_2025_03: 1 });
});
