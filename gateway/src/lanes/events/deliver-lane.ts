import type { Decision } from "@vivified/contracts";
import { toProblem } from "@vivified/runtime";
import { enforce } from "../../pep/enforce.ts";
import type { Denial } from "../../pep/permit.ts";
import { recordOutcome } from "../../pep/record-outcome.ts";
import { refuse } from "../../pep/refuse.ts";
import { isUnjudgeable } from "../../pep/unjudgeable.ts";
import type { LaneDeps } from "../lane-deps.ts";
import { logCall } from "../log-call.ts";
import { type DeliverEventDeps, deliverEvent } from "./deliver-event.ts";
import { mayReceive } from "./questions.ts";
import { resolveSubscription, type Subscription } from "./resolve-subscription.ts";
import { type RetrySchedule, retryDelayMs, type Settlement, settleFailure } from "./settlement.ts";
import { parseStoredEvent } from "./stored-event.ts";

export type DeliverLaneDeps = LaneDeps & DeliverEventDeps & { readonly retry: RetrySchedule };

/** One event for one subscriber, as it comes out of the store. `failures` are the subscriber's earlier ones. */
export type Delivery = { readonly subscriberId: string; readonly data: Uint8Array; readonly failures: number };

/**
 * One event reaches one subscriber, decided on its own and by what holds now, at every attempt. Never rejects: whatever
 * happens is a settlement, and only a durable record lets an event end.
 */
export async function deliverLane(delivery: Delivery, deps: DeliverLaneDeps): Promise<Settlement> {
  try {
    return await attempt(delivery, deps);
  } catch (error) {
    return settleFailure(error, delivery.failures, deps.retry);
  }
}

async function attempt({ subscriberId, data, failures }: Delivery, deps: DeliverLaneDeps): Promise<Settlement> {
  const snapshot = deps.snapshot();
  const event = parseStoredEvent(data);
  if (event === undefined) return putAside(unreadable(subscriberId), deps);
  const subscription = resolveSubscription(event, subscriberId, snapshot);
  if (subscription === undefined) return { kind: "retry", delayMs: retryDelayMs(1, deps.retry), counts: false };

  const { event_type: resource, trace_id, source_plugin: caller } = event;
  const line = { lane: "events", action: "deliver", resource, target: subscriberId, caller, trace_id } as const;
  try {
    await logCall(line, deliver(subscription, deps), deps);
    return { kind: "done" };
  } catch (error) {
    const { decision_id: parentId } = toProblem(error);
    const about = { caller, resource, target: subscriberId, traceId: trace_id, ...(parentId && { parentId }) };
    if (isUnjudgeable(error)) return putAside({ ...about, rule: "events.unjudgeable" }, deps);
    const settlement = settleFailure(error, failures, deps.retry);
    return settlement.kind === "dead_letter" ? putAside({ ...about, rule: "events.dead_letter" }, deps) : settlement;
  }
}

type Delivered = { readonly outcome: "delivered"; readonly decision: Decision };

async function deliver(subscription: Subscription, deps: DeliverLaneDeps): Promise<Delivered | Denial> {
  const permit = await enforce(mayReceive(subscription), deps);
  if (permit.outcome === "denied") return permit;
  const { decision } = permit;
  await recordOutcome(permit, deliverEvent(permit, subscription.event, deps), deps);
  return { outcome: "delivered", decision };
}

type LastWord = Omit<Parameters<typeof refuse>[0], "entrypoint">;

/** The record comes first: an event that nobody wrote off is tried again. */
async function putAside(lastWord: LastWord, deps: DeliverLaneDeps): Promise<Settlement> {
  await refuse({ ...lastWord, entrypoint: "events/deliver" }, deps);
  return { kind: "dead_letter", reason: lastWord.rule };
}

function unreadable(subscriberId: string): LastWord {
  const nobody = { caller: "unknown", resource: "unknown", traceId: "0".repeat(32) };
  return { ...nobody, target: subscriberId, rule: "events.unreadable" };
}
