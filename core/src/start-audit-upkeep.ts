import { Worker } from "@vivified/runtime";
import { ensureMonths, monthsFrom, sortInWaiting } from "./audit/index.ts";
import type { Foundation } from "./foundation.ts";

const second = 1000;
const hour = 60 * 60 * second;

/** Keeps the kept trail in order: partitions ready for the months that come, and core's own records sorted in. */
export function startAuditUpkeep({ db, clock, logger }: Foundation, stack: AsyncDisposableStack): void {
  const months = () => ensureMonths(db, monthsFrom(clock.now()));
  stack.use(new Worker({ name: "audit months", work: months, everyMs: hour, logger }));
  stack.use(new Worker({ name: "sort decisions in", work: () => sortInWaiting(db), everyMs: second, logger }));
}
