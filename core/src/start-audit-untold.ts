import { Worker } from "@vivified/runtime";
import { noteUntold, untoldBatch, untoldStore } from "./audit/index.ts";
import type { Foundation } from "./foundation.ts";

/** Records the permits of which nobody told what became of them: their gateway was killed, or cannot reach the stream. */
export function startAuditUntold(foundation: Foundation, stack: AsyncDisposableStack): void {
  const { db, clock, logger, config } = foundation;
  const work = async () => {
    const before = new Date(clock.now().getTime() - config.untoldAfterMs);
    while ((await db.transaction().execute((tx) => noteUntold(before, untoldStore(tx)))) === untoldBatch);
  };
  const everyMs = Math.min(10_000, config.untoldAfterMs);
  stack.use(new Worker({ name: "untold outcomes", work, everyMs, logger }));
}
