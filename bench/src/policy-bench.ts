import { fileURLToPath } from "node:url";
import { buildBundle, decisionPath, openPdp } from "@vivified/pdp";
import { type OpaServer, startOpaServer } from "./opa-server.ts";
import { median, quantile } from "./open-loop.ts";
import type { Row } from "./table.ts";

const policies = fileURLToPath(new URL("../../policies", import.meta.url));
const opa = process.env.VIVIFIED_OPA ?? "opa";
const rounds = 5;

/** A call of the story: a grant, two fields that the target may not see, four that it may. */
const question = {
  subject: { id: "workflow-orchestrator", traits: ["external_service", "handles_pii"] },
  resource: {
    plugin: "newsletter",
    operation: "subscribe",
    traits: ["notifications"],
    requires_traits: ["handles_pii"],
  },
  grant: { id: "01a1fc0d-0a20-72d2-9966-5e42d051753a" },
  fields: [
    { path: "/email", type: "string", traits: ["pii"] },
    { path: "/full_name", type: "string", traits: ["pii"] },
    { path: "/language", type: "string", traits: [] },
    { path: "/topics", type: "array", traits: [] },
    { path: "/topics/*", type: "string", traits: [] },
    { path: "/user_id", type: "string", traits: [] },
  ],
  attributes: {},
} as const;

type Latency = { readonly p50: number; readonly p99: number };

/**
 * One decision of the rpc lane, in process and through `opa run -s` on loopback: same rules, same input, one at a time.
 * Figures are microseconds, medians over alternating rounds.
 */
export async function policyBench(): Promise<Row[]> {
  const { bundle } = await buildBundle({ opa, source: { floor: policies } });
  await using pdp = await openPdp({ bundle, maxCachedAnswers: 0 });
  await using caching = await openPdp({ bundle });
  await using server = await startOpaServer({ opa, policies });
  await sameAnswer(await pdp.decide("rpc/invoke", question), server);
  const inProcess = () => measure(20_000, () => pdp.decide("rpc/invoke", question));
  const overLoopback = () => measure(1_000, () => server.query(decisionPath("rpc/invoke"), question));
  const [ours, theirs] = await alternate(inProcess, overLoopback);
  const cached = await measure(50_000, () => caching.decide("rpc/invoke", question));
  return [...rows("in process", ours, theirs), ...rows("in process, from the cache", cached, theirs)];
}

/** Two engines that disagree are not worth comparing. */
async function sameAnswer(decision: { readonly effect: string }, server: OpaServer): Promise<void> {
  const answer = await server.query(decisionPath("rpc/invoke"), question);
  if (answer.effect !== decision.effect) throw new Error("the two engines disagree");
}

async function alternate(ours: () => Promise<Latency>, theirs: () => Promise<Latency>): Promise<[Latency, Latency]> {
  const measured: [Latency[], Latency[]] = [[], []];
  await ours();
  await theirs();
  for (let round = 0; round < rounds; round++) {
    measured[0].push(await ours());
    measured[1].push(await theirs());
  }
  return [medianOf(measured[0]), medianOf(measured[1])];
}

async function measure(times: number, act: () => Promise<unknown>): Promise<Latency> {
  const durations: number[] = [];
  for (let index = 0; index < times; index++) {
    const started = performance.now();
    await act();
    durations.push((performance.now() - started) * 1000);
  }
  return { p50: quantile(durations, 0.5), p99: quantile(durations, 0.99) };
}

const medianOf = (measured: readonly Latency[]): Latency => ({
  p50: median(measured.map(({ p50 }) => p50)),
  p99: median(measured.map(({ p99 }) => p99)),
});

function rows(how: string, ours: Latency, theirs: Latency): Row[] {
  return (["p50", "p99"] as const).map((name) => ({
    measure: `policy decision ${name}, ${how}, against opa run -s over loopback`,
    value: `${ours[name].toFixed(1)} µs`,
    against: `${theirs[name].toFixed(0)} µs`,
    ratio: `${(theirs[name] / ours[name]).toFixed(1)} × faster`,
  }));
}
