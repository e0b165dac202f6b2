import { buildBundle, decisionPath, openPdp } from "@vivified/pdp";
import type { Row } from "../table.ts";
import { inTurn, type Latency, latencyOf } from "./latency.ts";
import { interpreterBench } from "./opa-bench.ts";
import { type OpaServer, startOpaServer } from "./opa-server.ts";
import { opa, policies, question } from "./question.ts";

const rounds = 5;

/**
 * One decision of the rpc lane: in process, from the cache, through `opa run -s` on loopback, and by the interpreter
 * without any transport (`opa bench`): same rules, same input, one at a time.
 */
export async function decisionBench(): Promise<Row[]> {
  const { bundle } = await buildBundle({ opa, source: { floor: policies } });
  await using pdp = await openPdp({ bundle, maxCachedAnswers: 0 });
  await using caching = await openPdp({ bundle });
  await using server = await startOpaServer({ opa, policies });
  await sameAnswer(await pdp.decide("rpc/invoke", question), server);
  const [ours = none, cached = none, theirs = none] = await inTurn(rounds, [
    () => latencyOf(20_000, () => pdp.decide("rpc/invoke", question)),
    () => latencyOf(50_000, () => caching.decide("rpc/invoke", question)),
    () => latencyOf(1_000, () => server.query(decisionPath("rpc/invoke"), question)),
  ]);
  const interpreted = await interpreterBench(rounds);
  return [...rows("in process", ours, theirs), ...rows("from the cache", cached, theirs), bare(ours, interpreted)];
}

const none: Latency = { p50: Number.NaN, p99: Number.NaN };

/** Two engines that disagree are not worth comparing. */
async function sameAnswer(decision: { readonly effect: string }, server: OpaServer): Promise<void> {
  const answer = await server.query(decisionPath("rpc/invoke"), question);
  if (answer.effect !== decision.effect) throw new Error("the two engines disagree");
}

function rows(how: string, ours: Latency, theirs: Latency): Row[] {
  return (["p50", "p99"] as const).map((name) => ({
    measure: `policy decision ${name}, ${how}, against opa run -s over loopback`,
    value: `${ours[name].toFixed(1)} µs`,
    against: `${theirs[name].toFixed(0)} µs`,
    ratio: `${(theirs[name] / ours[name]).toFixed(1)} × faster`,
  }));
}

function bare(ours: Latency, interpreted: number): Row {
  return {
    measure: "policy decision p50, in process, against opa bench (the interpreter alone)",
    value: `${ours.p50.toFixed(1)} µs`,
    against: `${interpreted.toFixed(1)} µs`,
    ratio: `${(interpreted / ours.p50).toFixed(1)} × faster`,
  };
}
