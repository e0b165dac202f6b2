import { ReadLog, TailSource } from "./audit/index.ts";
import type { Foundation } from "./foundation.ts";

/** What readers of the decision log share: one source for all who follow it, and the record of who reads. */
export function startAuditReading({ db, stores, clock, logger }: Foundation, stack: AsyncDisposableStack) {
  const reads = stack.use(new ReadLog({ decisions: stores.decisions, clock, logger }));
  const tails = stack.use(new TailSource({ db, logger }));
  return { reads, tails };
}
