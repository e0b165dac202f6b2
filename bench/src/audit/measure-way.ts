import { childrenOf, cpuSeconds } from "../cpu-time.ts";
import { type LoadResult, openLoop } from "../open-loop.ts";
import type { AuditWay } from "./audit-ways.ts";

/** What a way took at a constant rate: latencies in milliseconds, CPU of this process and of its nats-server. */
export type MeasuredWay = LoadResult & { readonly cpuMsPerCall: number };

export async function measureWay(way: AuditWay, perSecond: number, seconds: number): Promise<MeasuredWay> {
  const pids = [process.pid, ...childrenOf(process.pid)];
  const cpu = () => pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
  const before = cpu();
  const result = await openLoop({ perSecond, seconds, call: way.record });
  return { ...result, cpuMsPerCall: ((cpu() - before) * 1000) / (perSecond * seconds) };
}

/** Records a second that are durable, end to end, with so many callers who each wait for theirs. */
export async function mostPerSecond(way: AuditWay, callers: number, seconds: number): Promise<number> {
  const end = performance.now() + seconds * 1000;
  let done = 0;
  const caller = async () => {
    while (performance.now() < end) {
      await way.record();
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return done / seconds;
}
