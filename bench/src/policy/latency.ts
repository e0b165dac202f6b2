import { median, quantile } from "../open-loop.ts";

/** Microseconds. */
export type Latency = { readonly p50: number; readonly p99: number };

/** How long an act takes, many times, one after another. */
export async function latencyOf(times: number, act: () => Promise<unknown>): Promise<Latency> {
  const durations: number[] = [];
  for (let index = 0; index < times; index++) {
    const started = performance.now();
    await act();
    durations.push((performance.now() - started) * 1000);
  }
  return { p50: quantile(durations, 0.5), p99: quantile(durations, 0.99) };
}

/** Measures several things in turn, so that a noisy minute falls on all of them; medians over the rounds. */
export async function inTurn(
  rounds: number,
  measures: readonly (() => Promise<Latency>)[],
): Promise<readonly Latency[]> {
  for (const measure of measures) await measure();
  const taken: Latency[][] = measures.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, measure] of measures.entries()) taken[index]?.push(await measure());
  }
  return taken.map((latencies) => ({
    p50: median(latencies.map(({ p50 }) => p50)),
    p99: median(latencies.map(({ p99 }) => p99)),
  }));
}
