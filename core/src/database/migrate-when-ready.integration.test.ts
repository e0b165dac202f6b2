import { setTimeout as sleep } from "node:timers/promises";
import { createLogger } from "@vivified/runtime";
import { type Kysely, sql } from "kysely";
import { Client } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startPostgres, type TestPostgres } from "../postgres.fixtures.ts";
import { migrateWhenReady } from "./migrate-when-ready.ts";

const logger = createLogger({ process: "test", level: "silent" });
const stack = new AsyncDisposableStack();
let postgres: TestPostgres;

beforeAll(async () => {
  postgres = stack.use(await startPostgres());
});
afterAll(() => stack.disposeAsync());

async function connected(url: string): Promise<Client & AsyncDisposable> {
  const client = new Client({ connectionString: url });
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}

const running = (statement: string) => ({
  up: async (db: Kysely<unknown>) => void (await sql.raw(statement).execute(db)),
});
const silent = () => undefined;

it("lets a migration take longer than any statement may otherwise, and says that it is busy", async () => {
  const url = await postgres.createDatabase();
  await using client = await connected(url);
  await client.query(`alter database ${client.escapeIdentifier(String(client.database))} set statement_timeout = 1000`);
  const said: string[] = [];
  // Core's own limits are ten seconds for a statement, and twelve until its answer is no longer waited for.
  const slow = running("create table made as select pg_sleep(13)::text as slept");
  await migrateWhenReady({ url, logger, busy: () => void said.push("busy"), migrations: { "001-slow": slow } });
  expect((await client.query("select from made")).rowCount).toBe(1);
  expect(said).not.toEqual([]);
}, 60_000);

it("stops nobody for long while a core of before works on a table, and goes on afterwards", async () => {
  const url = await postgres.createDatabase();
  await using worker = await connected(url);
  await using reader = await connected(url);
  await worker.query("create table worked (n integer)");
  await worker.query("begin");
  await worker.query("insert into worked values (1)");
  const migrations = { "001-column": running("alter table worked add column m integer") };
  const migrated = migrateWhenReady({ url, logger, busy: silent, migrations, lockTimeoutMs: 200 });
  const waiting = "select 1 from pg_locks where not granted and mode = 'AccessExclusiveLock'";
  await expect.poll(async () => (await reader.query(waiting)).rowCount, { timeout: 20_000, interval: 20 }).toBe(1);
  await reader.query("set statement_timeout = '20s'");
  expect((await reader.query("select n from worked")).rowCount).toBe(0);
  await worker.query("commit");
  await migrated;
  expect((await reader.query("select n, m from worked")).rows).toEqual([{ n: 1, m: null }]);
}, 60_000);

it("waits for a database that is not there yet", async () => {
  const url = await postgres.createDatabase();
  await postgres.kill();
  const migrations = { "001-table": running("create table made (n integer)") };
  const migrated = migrateWhenReady({ url, logger, busy: silent, migrations });
  await sleep(500);
  await postgres.start();
  await migrated;
  await using client = await connected(url);
  expect((await client.query("select from made")).rowCount).toBe(0);
}, 60_000);

it("fails at once with what a migration does wrong, and leaves nothing of it", async () => {
  const url = await postgres.createDatabase();
  const migrations = {
    "001-table": running("create table made (n integer)"),
    "002-wrong": running("select from nothing"),
  };
  await expect(migrateWhenReady({ url, logger, busy: silent, migrations })).rejects.toMatchObject({ code: "42P01" });
  await using client = await connected(url);
  expect((await client.query("select to_regclass('made') as made")).rows).toEqual([{ made: null }]);
}, 60_000);
