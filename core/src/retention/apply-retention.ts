import type { Clock, Logger } from "@vivified/runtime";
import { type Kysely, sql, type Transaction } from "kysely";
import { decisionStore } from "../audit/index.ts";
import { backupLock } from "../database/backup-lock.ts";
import { keepAlive } from "../database/keep-alive.ts";
import type { Tables } from "../database/tables.ts";
import { dropMonth, endOf, monthAwaited, monthsBefore } from "./drop-month.postgres.ts";
import { holdStore } from "./hold-store.postgres.ts";
import { limitOf, type Pushed } from "./limit.ts";
import { isLockTimeout, waitBriefly } from "./lock-tables.postgres.ts";
import { type Deleted, purgeRecord, retentionRecords } from "./retention-record.ts";
import { sweepDefault } from "./sweep-default.postgres.ts";
import { sweepShapes } from "./sweep-shapes.postgres.ts";

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
  /** How often a month asks for the moment in which nobody else reads or writes; ten times unless said otherwise. */
  readonly lockAttempts?: number;
};

/** NATS answers each question within seconds or is not there. */
const longestPurgeMs = 60_000;

/**
 * Deletes what is beyond retention: a month of records at a time, each in one transaction with the record that says so,
 * then what lies outside the months, what records had in common, and the blocks. Whoever dies in between leaves each step whole or undone.
 */
export async function applyRetention(deps: ApplyRetentionDeps): Promise<void> {
  const until = new Date(deps.clock.now().getTime() - deps.keepMs);
  const months = await deps.db.transaction().execute((tx) => monthsBefore(tx, until));
  for (const month of months) await deleteMonth(month, deps);
  await deleteOutside(until, deps);
  await sweepShapes(deps.db, until);
  await deleteBlocks(until, deps);
}

/** A month that others read or write without an end waits for the next turn. */
async function deleteMonth(month: string, deps: ApplyRetentionDeps): Promise<void> {
  await deleteMonthNow(month, deps).catch((error: unknown) => {
    if (!isLockTimeout(error)) throw error;
    deps.logger.warn({ month }, "audit month waits for those who read or write the trail");
  });
}

async function deleteMonthNow(month: string, deps: ApplyRetentionDeps): Promise<void> {
  const { db, clock, keepMs, pushed, logger, lockAttempts: attempts = 10 } = deps;
  await locked(db, async (tx) => {
    await waitBriefly(tx);
    const limit = await limitOf(tx, new Date(clock.now().getTime() - keepMs), pushed);
    if (await monthAwaited(tx, month, limit)) return logger.warn({ month }, "audit month waits for a receiver");
    const deleted = await dropMonth(tx, month, { ...limit, attempts });
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
 * Blocks hold records of all kinds: while there is any hold, none goes. Their rows go first, with the record that says so,
 * so that rows never know of a block that is gone. Dying in between, the next turn takes the blocks out of the stream.
 */
async function deleteBlocks(until: Date, deps: ApplyRetentionDeps): Promise<void> {
  await unlessHeld(until, deps, async (tx, firstKept) => {
    const old = tx.deleteFrom("audit_blocks").where("stream_sequence", "<", String(firstKept));
    const { numDeletedRows } = await old.executeTakeFirstOrThrow();
    if (numDeletedRows > 0n) await decisionStore(tx).append([purgeRecord(firstKept, until)]);
  });
  await unlessHeld(until, deps, async (tx, firstKept) => {
    if (!(await lockOutBackups(tx))) return deps.logger.warn("audit blocks wait for the end of a backup");
    const gone = await keepAlive(tx, () => deps.purge(firstKept), longestPurgeMs);
    if (gone) deps.logger.info({ first_kept: firstKept }, "audit blocks deleted");
  });
}

type BlockWork = (tx: Transaction<Tables>, firstKept: number) => Promise<void>;

function unlessHeld(until: Date, { db, pushed }: ApplyRetentionDeps, work: BlockWork): Promise<void> {
  return locked(db, async (tx) => {
    if (await holdStore(tx).any()) return;
    await work(tx, (await limitOf(tx, until, pushed)).firstKept);
  });
}

/** False while a backup is under way: its rows know of blocks that its copy of the stream has to hold. */
async function lockOutBackups(tx: Transaction<Tables>): Promise<boolean> {
  const { rows } = await sql<{ alone: boolean }>`
    select pg_try_advisory_xact_lock(hashtext(${backupLock})) as alone`.execute(tx);
  return rows[0]?.alone ?? false;
}

/** Nobody places a hold meanwhile, and no other core deletes. */
function locked(db: Kysely<Tables>, work: (tx: Transaction<Tables>) => Promise<void>): Promise<void> {
  return db.transaction().execute(async (tx) => {
    await holdStore(tx).lock();
    await work(tx);
  });
}
