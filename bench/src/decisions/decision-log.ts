import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { createLogger } from "@vivified/runtime";
import { sql } from "kysely";
import { migrate } from "../../../core/src/database/migrate.ts";
import { Database, type Db } from "../../../core/src/database/open-database.ts";
import { startPostgres } from "../../../core/src/postgres.fixtures.ts";
import { fillDecisions } from "./fill-decisions.ts";
import type { SampleSpan } from "./sample-records.ts";

/** A decision log of sample records in a PostgreSQL of its own, gone when it is disposed. */
export type DecisionLog = AsyncDisposable & { readonly db: Db };

export async function decisionLog(span: SampleSpan, say: (line: string) => void): Promise<DecisionLog> {
  await using stack = new AsyncDisposableStack();
  const postgres = stack.use(await startPostgres());
  stack.defer(onSignal(postgres.kill));
  const url = await postgres.createDatabase();
  const logger = createLogger({ process: "bench", level: "warn" });
  const making = stack.use(new Database({ url, logger, statementTimeoutMs: 30 * 60_000 }));
  const { rows } = await sql<{ data_directory: string }>`show data_directory`.execute(making.db);
  removeAtExit(dirname(rows[0]?.data_directory ?? ""));
  await migrate(making.db);
  for (const setting of ["max_wal_size = '4GB'", "maintenance_work_mem = '512MB'", "checkpoint_timeout = '30min'"])
    await sql.raw(`alter system set ${setting}`).execute(making.db);
  await sql`select pg_reload_conf()`.execute(making.db);
  await fillDecisions(making.db, { ...span, url, say });
  say("vacuum and analyze, as autovacuum would");
  for (const table of await leafTables(making.db)) await sql.raw(`vacuum analyze ${table}`).execute(making.db);
  const { db } = stack.use(new Database({ url, logger }));
  const opened = stack.move();
  return { db, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** Partitioned tables themselves are never analyzed unless somebody does. */
async function leafTables(db: Db): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class where relkind = 'r' and relname ~ '^decision'`.execute(db);
  return rows.map((row) => row.name);
}

/** What was made is too large to be left, however this process ends. */
function removeAtExit(directory: string): void {
  if (directory.includes("vivified-pg-"))
    process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
}

/** Does it when the bench is ended early, and ends. @returns what takes that back */
function onSignal(act: () => Promise<void>): () => void {
  const end = () => void act().finally(() => process.exit(130));
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.once(signal, end);
  return () => {
    for (const signal of signals) process.off(signal, end);
  };
}
