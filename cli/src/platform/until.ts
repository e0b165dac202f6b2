import { setTimeout as sleep } from "node:timers/promises";

export type Patience = { readonly timeoutMs: number; readonly everyMs?: number };

/**
 * Looks again and again until there is something, and returns it.
 *
 * @throws Error `<what> within <n> s` when there is nothing in time
 */
export async function until<T>(what: string, look: () => Promise<T | undefined>, patience: Patience): Promise<T> {
  const deadline = performance.now() + patience.timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`${what} within ${patience.timeoutMs / 1000} s`);
    await sleep(patience.everyMs ?? 50);
  }
}
