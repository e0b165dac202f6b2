import type { Question } from "../../pep/question.ts";
import type { Plugin } from "../../snapshot/snapshot.ts";
import type { AcceptedEvent } from "./accept-event.ts";
import type { Subscription } from "./resolve-subscription.ts";

/** May the publisher publish this event, and what of it may be kept? */
export function mayPublish(publisher: Plugin, event: AcceptedEvent): Question<"events/publish"> {
  const { traceId, resource, payload } = event;
  return { entrypoint: "events/publish", traceId, subject: publisher, resource, payload };
}

/** May this subscriber receive this event, and what of it may it see? */
export function mayReceive({ event, publisher, subscriber, schema }: Subscription): Question<"events/deliver"> {
  const resource = { eventType: event.event_type, traits: event.data_traits, subscriber, ...(schema && { schema }) };
  return {
    entrypoint: "events/deliver",
    traceId: event.trace_id,
    subject: publisher,
    resource,
    payload: event.payload,
    parentId: event.decision_id,
  };
}
