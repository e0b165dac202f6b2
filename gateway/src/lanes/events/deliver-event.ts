import { cloudEventsSpecVersion, formatTraceparent, pluginHeaders } from "@vivified/contracts";
import { childSpan, VivifiedError } from "@vivified/runtime";
import type { CallTokens } from "../../call-token/call-tokens.ts";
import type { PluginClient } from "../../peer/plugin-client.ts";
import { type Granted, type Permit, spend } from "../../pep/permit.ts";
import type { Effected } from "../../pep/record-outcome.ts";
import type { StoredEvent } from "./stored-event.ts";

export type DeliverEventDeps = {
  readonly plugins: PluginClient;
  readonly callTokens: Pick<CallTokens, "sign">;
  readonly deliveryTimeoutMs: number;
};

/**
 * The delivery lane's effect: POSTs the event, as policy left it for this subscriber, as a CloudEvent in binary mode
 * (HTTP binding §3.1). Any answer of the 2xx class takes it.
 *
 * @throws VivifiedError `target_failed` 502, `target_timeout` 504, `target_unavailable` 503
 */
export async function deliverEvent(
  permit: Permit<"events/deliver">,
  event: StoredEvent,
  deps: DeliverEventDeps,
): Promise<Effected> {
  const granted = spend(permit);
  const { subscriber } = granted.resource;
  const body = JSON.stringify(granted.payload);
  const { status } = await deps.plugins.send({
    plugin: subscriber,
    method: "POST",
    path: subscriber.eventsPath ?? "/events",
    headers: { ...cloudEventHeaders(event, permit.decision.id), ...(await callHeaders(granted, permit, deps)) },
    body,
    timeoutMs: deps.deliveryTimeoutMs,
  });
  if (status < 200 || status > 299) throw new VivifiedError("target_failed", { extra: { upstream_status: status } });
  return { status, bytes: Buffer.byteLength(body) };
}

/** All of it is the gateway's own word; the publisher's metadata is not judged and stays behind. */
function cloudEventHeaders(event: StoredEvent, decisionId: string): Record<string, string> {
  return {
    "content-type": "application/json",
    "ce-specversion": cloudEventsSpecVersion,
    "ce-id": event.event_id,
    "ce-source": event.source,
    "ce-type": event.event_type,
    "ce-time": event.timestamp,
    "ce-traceid": event.trace_id,
    "ce-decisionid": decisionId,
    ...(event.data_traits.length === 0 ? {} : { "ce-datacategory": event.data_traits.join(",") }),
  };
}

async function callHeaders(
  granted: Granted<"events/deliver">,
  permit: Permit<"events/deliver">,
  deps: DeliverEventDeps,
) {
  const { subject, resource, traceId } = granted;
  const token = await deps.callTokens.sign({
    sub: subject.spiffeId,
    aud: resource.subscriber.spiffeId,
    decision_id: permit.decision.id,
    action: `event:${resource.eventType}`,
  });
  return {
    [pluginHeaders.caller]: subject.id,
    [pluginHeaders.trace]: traceId,
    [pluginHeaders.decision]: permit.decision.id,
    [pluginHeaders.token]: token,
    traceparent: formatTraceparent(childSpan({ traceId })),
  };
}
