import type { Clock } from "@vivified/runtime";
import { type Permit, spend } from "../../pep/permit.ts";
import type { Effected } from "../../pep/record-outcome.ts";
import type { AcceptedEvent } from "./accept-event.ts";
import type { EventStore } from "./event-store.ts";

export type PublishEventDeps = { readonly events: EventStore; readonly clock: Clock };

/**
 * The publish lane's effect: makes the event durable, with the payload as policy left it. Source and time are the
 * gateway's own word.
 *
 * @throws VivifiedError `events_unavailable` 503, `too_large` 413, `conflict` 409
 */
export async function publishEvent(
  permit: Permit<"events/publish">,
  { eventId, metadata }: AcceptedEvent,
  deps: PublishEventDeps,
): Promise<Effected> {
  const { subject, resource, payload, traceId } = spend(permit);
  const { bytes } = await deps.events.store({
    event_id: eventId,
    trace_id: traceId,
    event_type: resource.eventType,
    timestamp: deps.clock.now().toISOString(),
    source_plugin: subject.id,
    source: subject.spiffeId,
    data_traits: resource.traits,
    payload,
    metadata,
    decision_id: permit.decision.id,
  });
  return { status: 200, bytes };
}
