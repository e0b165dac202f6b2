import { setTimeout as sleep } from "node:timers/promises";
import { until } from "@vivified/cli";
import { type CrashPlatform, type CrashPlatformOptions, openCrashPlatform } from "./crash-platform.ts";
import { CheckpointWatch } from "./evidence/checkpoint-watch.ts";
import { collectEvidence } from "./evidence/collect-evidence.ts";
import type { Evidence, Violation } from "./evidence/evidence.ts";
import { violationsOf } from "./invariants/violations-of.ts";
import { Load } from "./load/load.ts";
import type { OrderKind } from "./load/order.ts";
import { openOrderDesk } from "./load/order-desk.ts";
import { Nemesis } from "./nemesis/nemesis.ts";
import { Victim } from "./nemesis/victim.ts";
import { seededRandom } from "./random.ts";
import { type CrashSummary, summarize } from "./summarize.ts";

export type CrashOptions = CrashPlatformOptions & {
  readonly seed: number;
  readonly kills: number;
  /** Told after every blow. */
  readonly say: (line: string) => void;
};

/** Orders a second. The egress lane takes a hundred a minute of a plugin. */
const rates: Readonly<Record<OrderKind, number>> = {
  rpc: 12,
  publish: 6,
  http: 1,
  mail: 0.4,
  settings: 1,
  login: 0.2,
  user: 1,
};
/** What must work again before the next blow: each goes through other parts. */
const essential: readonly OrderKind[] = ["rpc", "publish", "user"];
const recoveryMs = 120_000;
const maxCalmMs = 1_500;

/** Starts a platform, loads it, kills its parts, and compares what happened outside with what was recorded. */
export async function runCrash(options: CrashOptions): Promise<CrashSummary> {
  const startedMs = Date.now();
  await using crashed = await openCrashPlatform(options);
  await using desk = await openOrderDesk(crashed.platform, crashed.sinks);
  const sinceStart = () => `${((Date.now() - startedMs) / 1000).toFixed(0)} s`;
  options.say(`the platform runs after ${sinceStart()}`);
  const load = new Load({ rates, send: desk.send });
  using watch = new CheckpointWatch(crashed.platform);
  const recoveries: number[] = [];
  const asViolation = violationIn(options.say);
  const broken = await strikeAll({ load, crashed, recoveries, options }).catch(asViolation);
  await load.stop();
  options.say(`everything was answered after ${sinceStart()}`);
  const evidence = await collectEvidence({ crashed, watch, orders: load.orders }).catch(asViolation);
  options.say(`everything has arrived after ${sinceStart()}`);
  const violations = [...broken, ...(isEvidence(evidence) ? violationsOf(evidence) : evidence)];
  if (violations.length > 0) options.say(`what is left of the platform: ${crashed.keep()}`);
  return summarize({ options, startedMs, recoveries, violations, ...(isEvidence(evidence) && { evidence }) });
}

type Striking = {
  readonly load: Load;
  readonly crashed: CrashPlatform;
  readonly recoveries: number[];
  readonly options: CrashOptions;
};

async function strikeAll({ load, crashed, recoveries, options }: Striking): Promise<readonly Violation[]> {
  const random = seededRandom(options.seed);
  const nemesis = new Nemesis(victimsOf(crashed), random);
  await untilServing(load, Date.now());
  for (let kills = 0; kills < options.kills; ) {
    await sleep(random() * maxCalmMs);
    const sinceMs = performance.now();
    const blow = await nemesis.strike(options.kills - kills);
    await untilServing(load, Date.now());
    recoveries.push(performance.now() - sinceMs);
    kills += blow.kills;
    const seconds = ((performance.now() - sinceMs) / 1000).toFixed(1);
    options.say(
      `${kills}/${options.kills} ${blow.says}; all lanes served after ${seconds} s, ${load.orders.length} orders`,
    );
  }
  return [];
}

function victimsOf({ platform, onEvent }: CrashPlatform): Victim[] {
  const { gateway, core, nats, postgres } = platform.processes;
  const victims = [gateway, ...platform.moreGateways, core, nats, ...(postgres ? [postgres] : [])];
  return victims.map((process) => new Victim(process, onEvent));
}

async function untilServing(load: Load, sinceMs: number): Promise<void> {
  const serving = async () => {
    const done = load.doneSince(sinceMs);
    return essential.every((kind) => done.has(kind)) || undefined;
  };
  await until("not every lane served again", serving, { timeoutMs: recoveryMs });
}

/** A platform that does not come back, or evidence that cannot be had, is a violation like any other. */
function violationIn(say: CrashOptions["say"]): (error: unknown) => readonly Violation[] {
  return (error) => {
    if (error instanceof Error) say(String(error.stack));
    return [{ invariant: "I8", says: error instanceof Error ? error.message : String(error), ids: [] }];
  };
}

const isEvidence = (found: Evidence | readonly Violation[]): found is Evidence => "orders" in found;
