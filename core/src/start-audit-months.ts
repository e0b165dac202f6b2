import { Worker } from "@vivified/runtime";
import { ensureMonths, monthsFrom } from "./audit/index.ts";
import type { Foundation } from "./foundation.ts";

const hour = 60 * 60 * 1000;

/** Keeps partitions of the audit trail ready for the months that come. */
export function startAuditMonths({ db, clock, logger }: Foundation, stack: AsyncDisposableStack): void {
  const work = () => ensureMonths(db, monthsFrom(clock.now()));
  stack.use(new Worker({ name: "audit months", work, everyMs: hour, logger }));
}
