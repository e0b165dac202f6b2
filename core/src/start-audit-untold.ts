import { Worker } from "@vivified/runtime";
import { caughtUp, lastBlock, noteUntold, ownRecords, untoldBatch, untoldStore } from "./audit/index.ts";
import type { Foundation } from "./foundation.ts";

/** How long it waits for outcomes that are told and not taken in; later ones are waited for at the next turn. */
const ingestWithinMs = 1_000;

/**
 * Records the permits of which nobody told what became of them: their gateway was killed, or cannot reach the stream. What
 * was told while core or its database was away lies in the stream, so all that is there is taken in first.
 */
export function startAuditUntold(foundation: Foundation, stack: AsyncDisposableStack): void {
  const { db, nats, clock, logger, config } = foundation;
  const trail = { last: () => lastBlock(nats), taken: ownRecords(db).takenIn, withinMs: ingestWithinMs };
  const work = async () => {
    const before = new Date(clock.now().getTime() - config.untoldAfterMs);
    if (!(await caughtUp(trail))) return;
    while ((await db.transaction().execute((tx) => noteUntold(before, untoldStore(tx)))) === untoldBatch);
  };
  const everyMs = Math.min(10_000, config.untoldAfterMs);
  stack.use(new Worker({ name: "untold outcomes", work, everyMs, logger }));
}
