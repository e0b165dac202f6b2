import type { Clock, Logger } from "@vivified/runtime";
import type { Kysely, Transaction } from "kysely";
import { decisionStore } from "../audit/index.ts";
import type { Tables } from "../database/tables.ts";
import { dropMonth, endOf, monthAwaited, monthsBefore } from "./drop-month.postgres.ts";
import { holdStore } from "./hold-store.postgres.ts";
import { limitOf, type Pushed } from "./limit.ts";
import { type Deleted, purgeRecord, retentionRecords } from "./retention-record.ts";
import { sweepDefault } from "./sweep-default.postgres.ts";

export type ApplyRetentionDeps = {
  /** A database of its own: what it does may take minutes. */
  readonly db: Kysely<Tables>;
  /** Takes blocks before a sequence out of the stream; gives whether there were any. */
  readonly purge: (firstKept: number) => Promise<boolean>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly keepMs: number;
  /** How far receivers have got the log: what one of them has not got stays. */
  readonly pushed: Pushed;
};

/**
 * Deletes what is beyond retention: a month of records at a time, each in one transaction with the record that says so,
 * then what lies outside the months, then the blocks. Whoever dies in between leaves each step whole or undone.
 */
export async function applyRetention(deps: ApplyRetentionDeps): Promise<void> {
  const until = new Date(deps.clock.now().getTime() - deps.keepMs);
  const months = await deps.db.transaction().execute((tx) => monthsBefore(tx, until));
  for (const month of months) await deleteMonth(month, deps);
  await deleteOutside(until, deps);
  await deleteBlocks(until, deps);
}

async function deleteMonth(month: string, { db, clock, keepMs, pushed, logger }: ApplyRetentionDeps): Promise<void> {
  await locked(db, async (tx) => {
    const limit = await limitOf(tx, new Date(clock.now().getTime() - keepMs), pushed);
    if (await monthAwaited(tx, month, limit)) return logger.warn({ month }, "audit month waits for a receiver");
    const deleted = await dropMonth(tx, month, limit);
    await decisionStore(tx).append(retentionRecords(deleted, endOf(month)));
    logger.info(countsOf(deleted), "audit month deleted");
  });
}

async function deleteOutside(until: Date, { db, pushed, logger }: ApplyRetentionDeps): Promise<void> {
  await locked(db, async (tx) => {
    const deleted = await sweepDefault(tx, await limitOf(tx, until, pushed));
    if (deleted.decisions + deleted.outcomes + deleted.unplaced === 0) return;
    await decisionStore(tx).append(retentionRecords(deleted, until));
    logger.info(countsOf(deleted), "audit records outside the months deleted");
  });
}

const countsOf = ({ places: _, ...counts }: Deleted) => counts;

/**
 * Blocks hold records of all kinds: while there is any hold, none goes. Rows go with the blocks, so that stream and
 * database go on from the same last block of each writer. Dying after the purge, the next turn removes the rows and says so.
 */
async function deleteBlocks(until: Date, { db, purge, pushed, logger }: ApplyRetentionDeps): Promise<void> {
  await locked(db, async (tx) => {
    if (await holdStore(tx).any()) return;
    const { firstKept } = await limitOf(tx, until, pushed);
    const old = () => tx.deleteFrom("audit_blocks").where("stream_sequence", "<", String(firstKept));
    const { numDeletedRows } = await old().executeTakeFirstOrThrow();
    if (numDeletedRows > 0n) await decisionStore(tx).append([purgeRecord(firstKept, until)]);
    if (await purge(firstKept)) logger.info({ first_kept: firstKept }, "audit blocks deleted");
  });
}

/** Nobody places a hold meanwhile, and no other core deletes. */
function locked(db: Kysely<Tables>, work: (tx: Transaction<Tables>) => Promise<void>): Promise<void> {
  return db.transaction().execute(async (tx) => {
    await holdStore(tx).lock();
    await work(tx);
  });
}
