import { setTimeout as sleep } from "node:timers/promises";
import { type Logger, VivifiedError } from "@vivified/runtime";
import type { Migration } from "kysely/migration";
import { sqlState } from "./guarded-pool.ts";
import { migrate } from "./migrate.ts";
import { migrations } from "./migrations.ts";
import { Database } from "./open-database.ts";

export type MigrateWhenReady = {
  readonly url: string;
  readonly logger: Logger;
  /** Called every few seconds while it takes its time. */
  readonly busy: () => void;
  readonly migrations?: Record<string, Migration>;
  readonly lockTimeoutMs?: number;
};

const mostAttempts = 60;
const busyEveryMs = 5_000;
const noTimeout = 0;

/**
 * Brings the schema up to date over a connection of its own, on which a statement may take as long as the log is large. Waits
 * up to a minute for a database that is not there yet, and for a core of before that works on a table: while somebody waits
 * for that lock, nobody else gets at the table, so it gives up soon and asks again.
 *
 * @throws VivifiedError `database_unavailable`
 */
export async function migrateWhenReady({ busy, ...options }: MigrateWhenReady): Promise<void> {
  const timer = setInterval(busy, busyEveryMs);
  try {
    for (let attempt = 1; !(await migrated(options, attempt)); attempt += 1) await sleep(1_000);
  } finally {
    clearInterval(timer);
  }
}

type Attempt = Omit<MigrateWhenReady, "busy">;

async function migrated(options: Attempt, attempt: number): Promise<boolean> {
  const { url, logger, lockTimeoutMs = 2_000 } = options;
  const timeouts = { statementTimeoutMs: noTimeout, lockTimeoutMs };
  await using database = new Database({ url, logger, connections: 1, ...timeouts });
  try {
    await migrate(database.db, options.migrations ?? migrations);
    return true;
  } catch (error) {
    if (!passes(error) || attempt === mostAttempts) throw error;
    logger.warn({ attempt, sqlstate: sqlState(error) }, "database cannot be migrated yet");
    return false;
  }
}

/** There is no server, or somebody holds a lock for longer than we wait. */
function passes(error: unknown): boolean {
  return (error instanceof VivifiedError && error.code === "database_unavailable") || sqlState(error) === "55P03";
}
