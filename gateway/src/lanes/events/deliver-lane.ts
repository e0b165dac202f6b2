import { enforce } from "../../pep/enforce.ts";
import { recordOutcome } from "../../pep/record-outcome.ts";
import { refuse } from "../../pep/refuse.ts";
import type { LaneDeps } from "../lane-deps.ts";
import { type DeliverEventDeps, deliverEvent } from "./deliver-event.ts";
import { mayReceive } from "./questions.ts";
import { resolveSubscription } from "./resolve-subscription.ts";
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

  const permit = await enforce(mayReceive(subscription), deps);
  if (permit.outcome === "denied") return { kind: "done" };
  try {
    await recordOutcome(permit, deliverEvent(permit, event, deps), deps);
    return { kind: "done" };
  } catch (error) {
    const settlement = settleFailure(error, failures, deps.retry);
    const about = { caller: event.source_plugin, resource: event.event_type, traceId: event.trace_id };
    const lastWord = {
      ...about,
      target: subscriberId,
      parentId: permit.decision.id,
      rule: "events.dead_letter" as const,
    };
    return settlement.kind === "dead_letter" ? putAside(lastWord, deps) : settlement;
  }
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
