/** Handles an event, unless one with the same key was handled or is being handled by this process. */
export type HandleOnce = (key: string, handle: () => Promise<void>) => Promise<void>;

/**
 * Deliveries are at least once, so the last `capacity` events are remembered. A duplicate shares the fate of the first:
 * it waits while that one runs, and an event whose handling failed is forgotten, so that the next delivery tries again.
 */
export function handleEventsOnce(capacity = 10_000): HandleOnce {
  const handled = new Map<string, Promise<void>>();
  return async (key, handle) => {
    const earlier = handled.get(key);
    if (earlier) return earlier;
    const handling = handle();
    handled.set(key, handling);
    forgetOldest(handled, capacity);
    await handling.catch((error: unknown) => {
      handled.delete(key);
      throw error;
    });
  };
}

function forgetOldest(handled: Map<string, unknown>, capacity: number): void {
  if (handled.size <= capacity) return;
  const [oldest] = handled.keys();
  if (oldest !== undefined) handled.delete(oldest);
}
