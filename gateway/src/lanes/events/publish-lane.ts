import type { Decision } from "@vivified/contracts";
import { identifyCaller } from "../../peer/identify-caller.ts";
import { enforce } from "../../pep/enforce.ts";
import type { Denial } from "../../pep/permit.ts";
import { recordOutcome } from "../../pep/record-outcome.ts";
import { type Refusal, refuse } from "../../pep/refuse.ts";
import type { LaneDeps } from "../lane-deps.ts";
import { type AcceptEventDeps, acceptEvent, traceIdOf } from "./accept-event.ts";
import type { IncomingEvent } from "./incoming-event.ts";
import { type PublishEventDeps, publishEvent } from "./publish-event.ts";
import { mayPublish } from "./questions.ts";

export type PublishLaneDeps = LaneDeps & AcceptEventDeps & PublishEventDeps;

export type Published = { readonly outcome: "published"; readonly decision: Decision; readonly eventId: string };

/**
 * One plugin publishes one event: checked, decided, recorded, then made durable. When the answer is an event id, the
 * event will reach every subscriber that policy lets have it.
 *
 * @throws VivifiedError `unauthenticated` 401, `malformed` 400, `conflict` 409, `too_large` 413, `events_unavailable`,
 *   `audit_unavailable`, `snapshot_stale`, `snapshot_missing` 503
 */
export async function publishLane(incoming: IncomingEvent, deps: PublishLaneDeps): Promise<Published | Denial> {
  const snapshot = deps.snapshot();
  const caller = identifyCaller(incoming.peer, snapshot, deps.clock);
  if (caller.standing === "refused") return refuse({ ...about(incoming, caller.spiffeId), rule: caller.rule }, deps);
  const publisher = caller.plugin;
  const event = acceptEvent(incoming, { publisher, snapshot }, deps);
  if ("fault" in event) {
    const { fault: rule, ...violations } = event;
    return refuse({ ...about(incoming, publisher.id), rule, ...violations }, deps);
  }
  const permit = await enforce(mayPublish(publisher, event), deps);
  if (permit.outcome === "denied") return permit;
  await recordOutcome(permit, publishEvent(permit, event, deps), deps);
  return { outcome: "published", decision: permit.decision, eventId: event.eventId };
}

function about(incoming: IncomingEvent, caller: string): Omit<Refusal, "rule"> {
  const resource = incoming.request.event_type;
  return { entrypoint: "events/publish", traceId: traceIdOf(incoming), caller, resource };
}
