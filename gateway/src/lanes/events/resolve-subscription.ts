import type { JsonObject } from "@vivified/contracts";
import type { Party, Plugin, Snapshot } from "../../snapshot/snapshot.ts";
import type { StoredEvent } from "./stored-event.ts";

/** One event on its way to one subscriber, as things are now. */
export type Subscription = {
  readonly event: StoredEvent;
  readonly publisher: Party;
  readonly subscriber: Plugin;
  readonly schema?: JsonObject;
};

/**
 * Looks up both ends of a delivery; undefined while the subscriber may not act at all. A publisher that is gone keeps
 * its name and has no traits any more.
 */
export function resolveSubscription(
  event: StoredEvent,
  subscriberId: string,
  snapshot: Snapshot,
): Subscription | undefined {
  const subscriber = snapshot.plugins.get(subscriberId);
  if (subscriber?.status !== "active" || subscriber.eventsPath === undefined) return undefined;
  const known = snapshot.plugins.get(event.source_plugin);
  const publisher = known ?? { id: event.source_plugin, spiffeId: event.source, traits: [] };
  const schema = snapshot.eventTypes.get(event.event_type)?.schema;
  return { event, publisher, subscriber, ...(schema && { schema }) };
}
