import type { Evidence, Violation } from "../evidence/evidence.ts";
import { permits, type TrailIndex } from "../evidence/trail-index.ts";
import type { Effect } from "../sinks/effect-log.ts";

/** Sinks note whole milliseconds, rounded down. */
const clockToleranceMs = 1;
const entrypoints = {
  rpc: "rpc/invoke",
  delivery: "events/deliver",
  http: "egress/connect",
  mail: "egress/connect",
} as const;

/**
 * I1: every effect outside has exactly one permit in the stream, and JetStream had taken its block before the sink heard
 * of it. (When JetStream took it, not when it was on disk: that a kill of NATS loses no block is what the other
 * invariants show.) A permit is spent once.
 */
export function effectsAreRecorded(evidence: Evidence, trail: TrailIndex): readonly Violation[] {
  const traces = new Map(evidence.orders.map(({ op, traceId }) => [op, traceId]));
  const unrecorded = evidence.effects.flatMap((effect) => faultOf(effect, trail, traces.get(effect.op)));
  const spent = Map.groupBy(
    evidence.effects.filter(({ sink }) => sink !== "never"),
    (effect) => effect.decisionId ?? effect.op,
  );
  const twice = [...spent].filter(([, effects]) => effects.length > 1);
  return [
    ...unrecorded,
    ...twice.map(([id, effects]) => violation("a permit had several effects", [id, ...opsOf(effects)])),
  ];
}

function faultOf(effect: Effect, trail: TrailIndex, traceId: string | undefined): Violation[] {
  if (effect.sink === "never") return [];
  const permit = effect.decisionId === undefined ? permitOf(trail, traceId) : trail.decisions.get(effect.decisionId);
  const ids = [effect.op, effect.decisionId ?? "", traceId ?? ""].filter((id) => id !== "");
  if (permit === undefined) return [violation(`an effect at ${effect.sink} has no record`, ids)];
  const { record, storedMs } = permit;
  if (!permits(record) || record.entrypoint !== entrypoints[effect.sink]) {
    return [violation(`the record of an effect at ${effect.sink} does not permit it`, ids)];
  }
  if (storedMs <= effect.atMs + clockToleranceMs) return [];
  return [violation(`an effect at ${effect.sink} came ${storedMs - effect.atMs} ms before its record`, ids)];
}

/** Outside sinks are not told the decision: an order that is sent once has one trace, and may have one permit. */
function permitOf({ byTrace, decisions }: TrailIndex, traceId: string | undefined) {
  const candidates = (byTrace.get(traceId ?? "") ?? []).filter(({ entrypoint }) => entrypoint === "egress/connect");
  const [permit, second] = candidates.filter(permits);
  return permit === undefined || second !== undefined ? undefined : decisions.get(permit.decision_id);
}

const opsOf = (effects: readonly Effect[]) => [...new Set(effects.map(({ op }) => op))];
const violation = (says: string, ids: readonly string[]): Violation => ({ invariant: "I1", says, ids });
