import { setTimeout as sleep } from "node:timers/promises";

export type CaughtUpDeps = {
  /** The sequence of the last block that the stream has. */
  readonly last: () => Promise<number>;
  /** The sequence of the last block that was taken in. */
  readonly taken: () => Promise<number>;
  /** How long ingest is waited for. */
  readonly withinMs: number;
};

const pollMs = 50;

/**
 * Waits until everything that the stream holds at the moment of asking has been taken in, and says whether it has. A stream
 * that ends before what was taken in was lost or replaced: what it held is not known, so the answer is no.
 */
export async function caughtUp({ last, taken, withinMs }: CaughtUpDeps): Promise<boolean> {
  const before = await taken();
  const end = await last();
  if (end < before) return false;
  for (let leftMs = withinMs; (await taken()) < end; leftMs -= pollMs) {
    if (leftMs <= 0) return false;
    await sleep(pollMs);
  }
  return true;
}
