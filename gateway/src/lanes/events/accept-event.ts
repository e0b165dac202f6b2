import type { JsonObject, JsonValue, Problem } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import { claimsAnother } from "../../peer/claims-another.ts";
import { acceptPayload } from "../../pep/accept-payload.ts";
import type { Described } from "../../pep/ask-policy.ts";
import type { EventResource } from "../../pep/question.ts";
import type { EventType, Plugin, Snapshot } from "../../snapshot/snapshot.ts";
import { eventIdFor, idempotencyKey } from "./event-id.ts";
import type { IncomingEvent } from "./incoming-event.ts";

type Violations = NonNullable<Problem["violations"]>;

export type AcceptEventDeps = {
  /** Every violation of a payload against a schema; none when there is no schema. */
  readonly checkPayload: (payload: JsonObject, schema: JsonObject | undefined) => Violations;
  /** What a payload's fields mean, by schema, dictionary and detector. */
  readonly describe: (payload: JsonObject, schema: JsonObject | undefined) => Described;
  readonly newId: () => string;
};

/** An event that is what it says it is. `resource.traits` is all that it carries, whatever the publisher claims. */
export type AcceptedEvent = {
  readonly eventId: string;
  readonly traceId: string;
  readonly resource: EventResource;
  readonly payload: JsonObject;
  readonly metadata: Readonly<Record<string, string>>;
};

/** Why an event that is well formed is refused without asking policy. */
export type EventFault = {
  readonly fault: "events.source_forged" | "events.unknown_type" | "events.schema";
  readonly violations?: Violations;
};

/**
 * Checks an event against its publisher and its registered type.
 *
 * @throws VivifiedError `malformed` 400: a payload that names a key `*`, a trait or idempotency key that is none
 */
export function acceptEvent(
  incoming: IncomingEvent,
  { publisher, snapshot }: { readonly publisher: Plugin; readonly snapshot: Snapshot },
  deps: AcceptEventDeps,
): AcceptedEvent | EventFault {
  const { payload, claimed, key } = wellFormed(incoming);
  if (isForged(incoming, publisher)) return { fault: "events.source_forged" };
  const type = snapshot.eventTypes.get(incoming.request.event_type);
  if (type === undefined) return { fault: "events.unknown_type" };
  const violations = deps.checkPayload(payload, type.schema);
  if (violations.length > 0) return { fault: "events.schema", violations };
  return {
    eventId: key === undefined ? deps.newId() : eventIdFor(publisher.id, key),
    traceId: traceIdOf(incoming),
    resource: resourceOf(type, claimed, deps.describe(payload, type.schema)),
    payload,
    metadata: incoming.request.metadata ?? {},
  };
}

/** The publisher may name the trace that its event belongs to; otherwise it is the request's own. */
export function traceIdOf({ request, traceId }: IncomingEvent): string {
  const named = request.trace_id ?? "";
  return /[1-9a-f]/.test(named) ? named : traceId;
}

/** Traits travel in a header of every delivery, so they are names and nothing else. */
function wellFormed({ request, headers }: IncomingEvent) {
  const payload = acceptPayload(request.payload as JsonValue);
  if (payload === undefined) throw new VivifiedError("malformed", { detail: "a key may not be *" });
  const claimed = request.data_traits ?? [];
  const named = claimed.every((trait) => /^[a-z0-9_.-]+$/.test(trait));
  if (!named) throw new VivifiedError("malformed", { detail: "a trait is no name" });
  return { payload, claimed, key: idempotencyKey(headers["idempotency-key"]) };
}

function isForged({ request, headers }: IncomingEvent, publisher: Plugin): boolean {
  return request.source_plugin !== publisher.id || claimsAnother(publisher.id, headers, {});
}

function resourceOf({ type, schema }: EventType, claimed: readonly string[], { fields }: Described): EventResource {
  const traits = [...new Set([...claimed, ...fields.flatMap((field) => field.traits)])].sort();
  return { eventType: type, traits, ...(schema && { schema }) };
}
