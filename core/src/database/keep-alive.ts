import { VivifiedError } from "@vivified/runtime";
import { sql } from "kysely";
import type { Db } from "./open-database.ts";

const everyMs = 1_000;

/** Work that took longer than the transaction was held for it. It goes on unless it stops by itself. */
export class GivenUp extends VivifiedError {
  /** Resolves once the work has ended, whatever became of it. */
  readonly ended: Promise<void>;

  constructor(atMostMs: number, work: Promise<unknown>) {
    super("upstream_timeout", { detail: `work outside of the database did not end within ${atMostMs} ms` });
    this.ended = work.then(
      () => undefined,
      () => undefined,
    );
  }
}

/**
 * Does work that takes its time outside of the database while a transaction holds a lock for it. The server ends
 * transactions that ask nothing; this one goes on asking, but not for ever: its lock keeps others from the work, and its
 * snapshot keeps PostgreSQL from clearing up what was deleted since. A lost connection is told by the next statement.
 *
 * @throws GivenUp after `atMostMs`
 */
export async function keepAlive<T>(transaction: Db, work: () => Promise<T>, atMostMs: number): Promise<T> {
  const ask = () => void sql`select 1`.execute(transaction).catch(() => undefined);
  const asking = setInterval(ask, everyMs);
  const { promise: late, reject } = Promise.withResolvers<never>();
  const working = work();
  const timer = setTimeout(() => reject(new GivenUp(atMostMs, working)), atMostMs);
  try {
    return await Promise.race([working, late]);
  } finally {
    clearInterval(asking);
    clearTimeout(timer);
  }
}
