import { setTimeout as delay } from "node:timers/promises";
import { startTestGateway, type TestGateway } from "../../../gateway/src/gateway.fixtures.ts";
import {
  snapshotDocument,
  snapshotOperation,
  snapshotPlugin,
} from "../../../gateway/src/snapshot/snapshot.fixtures.ts";
import { median } from "../open-loop.ts";
import type { Row } from "../table.ts";

const rounds = 7;
const document = snapshotDocument({
  plugins: [snapshotPlugin("caller"), snapshotPlugin("target", { operations: [snapshotOperation("look")] })],
  grants: [{ id: "g", plugin: "caller", kind: "rpc", target: "target", operation: "look" }],
});

/** From the moment a snapshot names another policy until two gateways decide by it, while both serve calls. */
export async function activationBench(): Promise<Row[]> {
  await using own = await startTestGateway({ snapshot: document });
  await own.startTarget("target");
  await using second = await own.startAnother({ writerId: "second-gateway" });
  const ports = [own.port, second.port];
  for (const port of ports) await decidesBy(own, port, "shipped");
  const load = startLoad(own, ports);
  const tookMs: number[] = [];
  for (let round = 0; round < rounds; round++) tookMs.push(await activate(own, `r${round}`, ports));
  const { calls, failed } = await load.end();
  const failures = { measure: `calls that failed meanwhile, of ${calls}`, value: String(failed) };
  const value = `${Math.round(median(tookMs))} ms`;
  const goal = "goal 1,000 ms";
  const row = {
    measure: "policy activation on two gateways under load, until both decide by it",
    value,
    against: goal,
  };
  return [row, { ...row, measure: "the same, the slowest", value: `${Math.round(Math.max(...tookMs))} ms` }, failures];
}

async function activate(own: TestGateway, revision: string, ports: readonly number[]): Promise<number> {
  const policy = await own.policies.activation(revision);
  const told = performance.now();
  await own.core.publish({ ...document, policy });
  for (const port of ports) await decidesBy(own, port, revision);
  return performance.now() - told;
}

async function decidesBy(own: TestGateway, port: number, revision: string): Promise<void> {
  for (;;) {
    const { status, json } = await own.ask("/health", { method: "GET", port });
    if (status === 200 && json.policy?.revision === revision) return;
    await delay(5);
  }
}

function startLoad(own: TestGateway, ports: readonly number[]) {
  const ending = new AbortController();
  const counts = { calls: 0, failed: 0 };
  const caller = async (port: number) => {
    while (!ending.signal.aborted) {
      const { status } = await own.ask("/gateway/target/look", { body: { note: "x" }, port });
      counts.calls += 1;
      if (status !== 200) counts.failed += 1;
    }
  };
  const callers = [...ports, ...ports].map(caller);
  const end = async () => {
    ending.abort();
    await Promise.all(callers);
    return counts;
  };
  return { end };
}
