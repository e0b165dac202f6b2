import type { Logger } from "@vivified/runtime";
import { Kysely, PostgresDialect, type Transaction } from "kysely";
import { Pool, type PoolConfig } from "pg";
import { guardedPool } from "./guarded-pool.ts";
import type { Tables } from "./tables.ts";

/** The database itself, or a transaction on it. */
export type Db = Kysely<Tables> | Transaction<Tables>;

export type DatabaseOptions = {
  readonly url: string;
  readonly logger: Logger;
  readonly connections?: number;
  /** 0 for none. */
  readonly statementTimeoutMs?: number;
  /** How long a statement waits for a lock; otherwise for as long as it may take. */
  readonly lockTimeoutMs?: number;
  /** A transaction that asks nothing for so long is ended: whoever opened it is gone, or stuck. */
  readonly idleTransactionMs?: number;
};

/**
 * A pool that outlives its server: connections that break are dropped and made again, and while there is no server every
 * query fails with `database_unavailable` within three seconds. Nothing waits for ever, and nothing is sent twice.
 */
export class Database implements AsyncDisposable {
  readonly db: Kysely<Tables>;

  constructor({ url, logger, connections = 10, ...timeouts }: DatabaseOptions) {
    const { statementTimeoutMs = 10_000, idleTransactionMs = 30_000, lockTimeoutMs } = timeouts;
    const pool = new Pool({
      connectionString: url,
      max: connections,
      connectionTimeoutMillis: 3_000,
      idleTimeoutMillis: 30_000,
      ...statementTimeouts(statementTimeoutMs),
      ...(lockTimeoutMs !== undefined && { lock_timeout: lockTimeoutMs }),
      idle_in_transaction_session_timeout: idleTransactionMs,
      keepAlive: true,
      application_name: "vivified-core",
    });
    const log = (error: Error) => logger.warn({ code: codeOf(error) }, "database connection lost");
    pool.on("error", log);
    pool.on("connect", (client) => client.on("error", log));
    this.db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: guardedPool(pool) }) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.db.destroy();
  }
}

/** None is said outright, since the role or the server may have a limit of its own, and the driver is silent about 0. */
function statementTimeouts(timeoutMs: number): PoolConfig {
  if (timeoutMs === 0) return { options: "-c statement_timeout=0" };
  return { statement_timeout: timeoutMs, query_timeout: timeoutMs + 2_000 };
}

function codeOf(error: Error): string {
  return "code" in error ? String(error.code) : error.name;
}
