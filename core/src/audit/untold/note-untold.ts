import { untoldRecord } from "./untold-record.ts";
import type { UntoldStore } from "./untold-store.ts";

/** Decisions that are looked at in one transaction. */
export const untoldBatch = 1_000;

/**
 * Goes through the log, in its order and once: every permit of which nobody has told what became of it by then gets a
 * record that says so. What is younger than `before` is left for later. Returns how many decisions it looked at.
 */
export async function noteUntold(before: Date, store: UntoldStore): Promise<number> {
  const through = await store.lock();
  const seen = await store.decisionsAfter(through, { before, limit: untoldBatch });
  const last = seen.at(-1);
  if (last === undefined) return 0;
  const permits = seen.filter(({ acts }) => acts);
  const told = await store.toldOf(permits);
  await store.append(permits.filter(({ decisionId }) => !told.has(decisionId)).map(untoldRecord));
  await store.moveTo(last.logIndex);
  return seen.length;
}
