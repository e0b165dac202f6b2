import type { Clock } from "@vivified/runtime";
import type { Kysely } from "kysely";
import { keepAlive } from "../database/keep-alive.ts";
import type { Tables } from "../database/tables.ts";
import { type GrowDeps, growLog } from "./grow-log.ts";
import { logInconsistency } from "./log-inconsistency.ts";
import { logStore } from "./log-store.postgres.ts";
import type { SignedCheckpoint } from "./log-store.ts";
import { requireRow } from "./require-row.ts";

export type AdvanceDeps = GrowDeps & {
  readonly db: Kysely<Tables>;
  readonly clock: Clock;
  /** How long records may wait for a checkpoint. */
  readonly intervalMs: number;
  /** How many records a checkpoint takes in at most; as many are not made to wait. */
  readonly maxRecords: number;
  /** How long the log is held for its storage; five minutes unless said otherwise. */
  readonly longestStepMs?: number;
};

/** As long as a full step takes on a bucket whose every answer comes just before it would be given up (30 s). */
export const longestStep = 300_000;

/**
 * Takes the records that wait into the log, if a checkpoint is due: one transaction that holds the log, so that one core
 * at a time does this. A storage that is slow is waited for, one that does not answer is not. The tiles are durable before the checkpoint is kept and the leaves go.
 *
 * @returns the checkpoint, or undefined when none was due or another core is at it
 * @throws VivifiedError `log_inconsistent`, and then nothing was signed
 * @throws GivenUp when the storage takes too long: nothing was signed, and the same is done again later
 */
export function advanceLog(deps: AdvanceDeps): Promise<SignedCheckpoint | undefined> {
  const { db, clock, maxRecords, longestStepMs = longestStep } = deps;
  return db.transaction().execute(async (transaction) => {
    const store = logStore(transaction);
    if (!(await store.lock())) return undefined;
    const last = await store.newest();
    const size = last?.size ?? 0;
    const waiting = (await store.placed()) - size;
    if (!isDue(waiting, last, deps)) return undefined;
    const leaves = await store.leaves(size, maxRecords);
    requireRow(leaves, size, Math.min(waiting, maxRecords));
    const entries = leaves.map(({ entry }) => Buffer.from(entry));
    const grown = await keepAlive(transaction, () => growLog(last, entries, deps), longestStepMs);
    const checkpoint = { ...grown, madeAt: clock.now() };
    await store.keep(checkpoint);
    return checkpoint;
  });
}

function isDue(waiting: number, last: SignedCheckpoint | undefined, { clock, ...limits }: AdvanceDeps): boolean {
  if (waiting < 0) throw logInconsistency(`the log was signed ${-waiting} records further than it is filled`);
  if (waiting === 0 || waiting >= limits.maxRecords) return waiting > 0;
  const waitedMs = clock.now().getTime() - (last?.madeAt.getTime() ?? 0);
  return waitedMs >= limits.intervalMs || waitedMs < 0; // a clock that was put back must not stop checkpoints
}
