import type { DecisionRecord } from "@vivified/contracts";
import type { Evidence, Violation } from "../evidence/evidence.ts";
import { permits, type TrailIndex } from "../evidence/trail-index.ts";
import { isAcked, type Order } from "../load/order.ts";

const actions = { login: "login", settings: "change settings", user: "create user" } as const;

/** I7: what was answered with yes was done once and recorded once, and an outcome tells what happened. */
export function answersAreTrue(evidence: Evidence, trail: TrailIndex): readonly Violation[] {
  return [
    ...effectsOfYes(evidence),
    ...recordsOfYes(evidence, trail),
    ...rowsOfUsers(evidence, trail),
    ...outcomes(evidence, trail),
    ...untold(trail),
  ];
}

function effectsOfYes({ orders, effects }: Evidence): Violation[] {
  const seen = new Map<string, number>();
  for (const { sink, op } of effects) if (sink !== "delivery") seen.set(op, (seen.get(op) ?? 0) + 1);
  const acked = orders.filter((order) => ["rpc", "http", "mail"].includes(order.kind) && isAcked(order));
  return acked.flatMap(({ op, kind }) => {
    const times = seen.get(op) ?? 0;
    return times === 1 ? [] : [violation(`a ${kind} that was answered with yes had ${times} effects`, [op])];
  });
}

function recordsOfYes({ orders }: Evidence, { cores }: TrailIndex): Violation[] {
  const byTrace = Map.groupBy(cores.filter(permits), ({ trace_id }) => trace_id);
  const of = (order: Order, action: string) =>
    (byTrace.get(order.traceId) ?? []).filter((record) => record.action === action).length;
  return orders.filter(isAcked).flatMap((order) => {
    if (order.kind !== "login" && order.kind !== "settings" && order.kind !== "user") return [];
    const times = of(order, actions[order.kind]);
    return times === 1
      ? []
      : [violation(`a ${order.kind} that was answered with yes is recorded ${times} times`, [order.op])];
  });
}

/** A row and its record are there together or not at all, whatever was answered. */
function rowsOfUsers({ kept, orders }: Evidence, { cores }: TrailIndex): Violation[] {
  const created = cores.filter(({ action, entrypoint }) => action === "create user" && entrypoint === "recorded");
  const records = Map.groupBy(created, ({ resource }) => resource);
  const rows = new Set(kept.users.map(({ id }) => `user ${id}`));
  const ours = new Set(orders.map(({ traceId }) => traceId));
  const strays = created.filter(({ resource, trace_id }) => ours.has(trace_id) && !rows.has(resource));
  return [
    ...[...rows]
      .filter((row) => records.get(row)?.length !== 1)
      .map((row) => violation("a user has not one record", [row])),
    ...strays.map(({ resource }) => violation("a record tells of a user that does not exist", [resource])),
  ];
}

/** `done` was done, and what was refused for want of a record was not. */
function outcomes({ effects }: Evidence, { outcomes: told, decisions }: TrailIndex): Violation[] {
  const done = new Set(effects.flatMap(({ decisionId }) => decisionId ?? []));
  return [...told.values()].flatMap(({ decision_id, outcome, code, status }) => {
    const record = decisions.get(decision_id)?.record;
    if (record === undefined) return [violation("an outcome is of no decision", [decision_id])];
    if (outcome === "done" && reachesWitness(record) && !done.has(decision_id)) {
      return [violation("an outcome says done, and nothing was", [decision_id, `status ${status}`])];
    }
    const refused = outcome === "failed" && code === "audit_unavailable";
    return refused && done.has(decision_id)
      ? [violation("an outcome says that nothing came of it", [decision_id])]
      : [];
  });
}

/** Its SDK answers a repeated event without handling it again, so that only calls can be held to their outcome. */
const reachesWitness = ({ entrypoint }: DecisionRecord) => entrypoint === "rpc/invoke";

/** That nobody told what became of a permit is told itself, once. */
function untold({ untold: permits, cores }: TrailIndex): Violation[] {
  const notes = cores.filter(({ result }) => result.reasons.some(({ rule }) => rule === "audit.outcome_unknown"));
  const byPermit = Map.groupBy(notes, ({ parent_id }) => parent_id ?? "");
  const silent = permits.filter(({ decision_id }) => !byPermit.has(decision_id));
  return [
    ...silent.map(({ decision_id }) => violation("nobody told what became of a permit", [decision_id])),
    ...[...byPermit]
      .filter(([, all]) => all.length > 1)
      .map(([id]) => violation("a missing outcome is noted twice", [id])),
  ];
}

const violation = (says: string, ids: readonly string[]): Violation => ({ invariant: "I7", says, ids });
