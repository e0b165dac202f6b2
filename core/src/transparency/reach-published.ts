import { keepAlive } from "../database/keep-alive.ts";
import { type AdvanceDeps, longestStep } from "./advance-log.ts";
import { growLog } from "./grow-log.ts";
import { logStore } from "./log-store.postgres.ts";
import type { LogStore, SignedCheckpoint } from "./log-store.ts";
import { readPublished } from "./read-published.ts";
import { requireRow } from "./require-row.ts";

/**
 * Takes the log to the published checkpoint when the database was put back behind it and has the same records again, as
 * after a failover that lost the last moments: the stream still had them. It signs that very tree, or nothing. While
 * records are missing there is nothing to do.
 *
 * @throws VivifiedError `log_inconsistent` when the records are others
 * @throws GivenUp when the storage takes too long
 */
export function reachPublished(deps: AdvanceDeps): Promise<void> {
  const { db, clock, longestStepMs = longestStep } = deps;
  return db.transaction().execute(async (transaction) => {
    const store = logStore(transaction);
    if (!(await store.lock())) return;
    const last = await store.newest();
    const reached = await keepAlive(transaction, () => grownTo(last, { ...deps, store }), longestStepMs);
    if (reached !== undefined) await store.keep({ ...reached, madeAt: clock.now() });
  });
}

async function grownTo(last: SignedCheckpoint | undefined, deps: AdvanceDeps & { readonly store: LogStore }) {
  const { store } = deps;
  const from = last?.size ?? 0;
  const size = (await readPublished(deps))?.checkpoint.size ?? 0;
  if (size <= from || (await store.placed()) < size) return undefined;
  const leaves = await store.leaves(from, size - from);
  requireRow(leaves, from, size - from);
  return growLog(
    last,
    leaves.map(({ entry }) => Buffer.from(entry)),
    deps,
  );
}
