/** What one run at a constant arrival rate gave. Milliseconds. */
export type LoadResult = {
  readonly p50: number;
  readonly p99: number;
  readonly completed: number;
  readonly failed: number;
};

export type LoadOptions = {
  readonly perSecond: number;
  readonly seconds: number;
  /** One call. Rejecting counts as failed. */
  readonly call: () => Promise<void>;
};

/**
 * Calls at a constant rate whatever the answers do (open model), and counts each latency from the moment at which the
 * call was due, or from when it went out if that was earlier, so that a stall shows in every call that it delayed (no
 * coordinated omission).
 */
export async function openLoop(options: LoadOptions): Promise<LoadResult> {
  const total = options.perSecond * options.seconds;
  const start = performance.now() + 20;
  const latencies: number[] = [];
  const calls: Promise<void>[] = [];
  let failed = 0;
  while (calls.length < total) {
    const due = start + (calls.length * 1000) / options.perSecond;
    const early = due - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    const from = Math.min(due, performance.now()); // timers may fire a millisecond early
    const one = options.call().then(
      () => void latencies.push(performance.now() - from),
      () => {
        failed += 1;
      },
    );
    calls.push(one);
  }
  await Promise.all(calls);
  return { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99), completed: latencies.length, failed };
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
