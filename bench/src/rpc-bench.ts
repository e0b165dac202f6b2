import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Platform, type PluginSpec, startPlatform } from "@vivified/cli";
import { childrenOf, cpuSeconds } from "./cpu-time.ts";
import { MeasuredCall } from "./measured-call.ts";
import { type LoadResult, median, openLoop } from "./open-loop.ts";
import type { Row } from "./table.ts";

const perSecond = 500;
const seconds = 10;
const rounds = 3;
const floorScript = "bench/src/pass-through-gateway.ts";

type Measured = LoadResult & { readonly cpuMsPerCall: number; readonly gatewayCpuMsPerCall: number };

/**
 * The rpc lane (policy both ways, sanitization both ways, durable records) against its floor: the same Envoys and mTLS
 * with a gateway that only passes through, on the same HTTP stack. Both in turn, three times; medians.
 */
export async function rpcBench(say: (line: string) => void): Promise<Row[]> {
  const home = await mkdtemp(join(tmpdir(), "vivified-bench-"));
  try {
    const lane: Measured[] = [];
    const floor: Measured[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      say(`rpc lane, round ${round} of ${rounds}`);
      lane.push(await measure(home, {}));
      say(`its floor, round ${round} of ${rounds}`);
      floor.push(await measure(home, { gatewayScript: floorScript }));
    }
    return rowsOf(lane, floor);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function measure(home: string, options: { gatewayScript?: string }): Promise<Measured> {
  await using platform = await startPlatform({ home, isolation: "off", logLevel: "warn", ...options });
  const [caller, target] = [
    await platform.addPlugin(endpoint("bench-caller")),
    await platform.addPlugin(endpoint("bench-target")),
  ];
  const isFloor = options.gatewayScript !== undefined;
  if (!isFloor)
    await Promise.all([endpoint("bench-caller"), endpoint("bench-target")].map((spec) => platform.approvePlugin(spec)));
  await using call = new MeasuredCall(caller);
  await untilAnswered(call);
  await checkWork(call, isFloor);
  await openLoop({ perSecond, seconds: 4, call: () => call.once() });
  const gatewayPid = platform.processes.gateway.child.pid;
  const pids = [gatewayPid, platform.processes.nats.child.pid, ...envoysOf([caller, target])];
  const cpu = () => pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
  const [before, gatewayBefore] = [cpu(), cpuSeconds(gatewayPid)];
  const result = await openLoop({ perSecond, seconds, call: () => call.once() });
  const calls = perSecond * seconds;
  const perCall = (since: number, now: number) => ((now - since) * 1000) / calls;
  return {
    ...result,
    cpuMsPerCall: perCall(before, cpu()),
    gatewayCpuMsPerCall: perCall(gatewayBefore, cpuSeconds(gatewayPid)),
  };
}

function endpoint(id: string): PluginSpec {
  const grants: PluginSpec["grants"] = [{ kind: "rpc", target: "bench-target", operation: "echo" }];
  return { id, folder: "../bench/endpoint", config: { id }, grants: id === "bench-caller" ? grants : [] };
}

async function untilAnswered(call: MeasuredCall): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    const error = await call.once().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error === undefined) return;
    if (attempt === 100) throw error;
    await sleep(100);
  }
}

/** The lane must do its work and the floor must not, or the ratio says nothing. */
async function checkWork(call: MeasuredCall, isFloor: boolean): Promise<void> {
  const text = await call.seen();
  if (text.includes("ada@demo.example") !== isFloor) throw new Error(`measured something else: ${text.slice(0, 100)}`);
}

function envoysOf(plugins: readonly { agent: Platform["processes"]["nats"] }[]): number[] {
  return plugins.flatMap(({ agent }) => childrenOf(agent.child.pid));
}

function rowsOf(lane: readonly Measured[], floor: readonly Measured[]): Row[] {
  const rows = (["p50", "p99", "cpuMsPerCall", "gatewayCpuMsPerCall"] as const).map((key) => {
    const [a, b] = [median(lane.map((run) => run[key])), median(floor.map((run) => run[key]))];
    return {
      measure: names[key],
      value: `${a.toFixed(2)} ms`,
      against: `floor ${b.toFixed(2)} ms`,
      ratio: `${(a / b).toFixed(2)} ×`,
    };
  });
  const failed = [...lane, ...floor].reduce((sum, run) => sum + run.failed, 0);
  return [...rows, { measure: "rpc lane: calls that failed, both", value: String(failed) }];
}

const names = {
  p50: "rpc lane p50 at 500 calls/s, 1 KB, policy and sanitization both ways, durable records",
  p99: "the same, p99",
  cpuMsPerCall: "the same, CPU per call (gateway, both Envoys, NATS)",
  gatewayCpuMsPerCall: "the same, CPU per call (gateway alone)",
};
