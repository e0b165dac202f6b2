import type { ProxyRequest, PublishRequest } from "@vivified/contracts";
import { isJsonObject, type JsonObject } from "../json.ts";
import type { Client, ExternalReply } from "./client.ts";
import type { CallOptions, Lane } from "./lane.ts";

type Lanes = Pick<Client, "publishEvent" | "callPlugin" | "callExternal" | "sendMail">;

/** The three ways a plugin can act: events, rpc, egress. */
export function openLanes(lane: Lane, pluginId: string): Lanes {
  const proxy = async (request: ProxyRequest, options?: CallOptions): Promise<ExternalReply> =>
    readExternalReply(await lane({ method: "POST", path: "/proxy", body: asJson(request), ...options }));
  return {
    publishEvent: async ({ type, payload, traits, metadata }, options) => {
      const request: PublishRequest = { event_type: type, payload: { ...payload }, source_plugin: pluginId };
      if (traits) request.data_traits = [...traits];
      if (metadata) request.metadata = { ...metadata };
      const reply = await lane({ method: "POST", path: "/events/publish", body: asJson(request), ...options });
      return { eventId: String(reply?.event_id ?? "") };
    },
    callPlugin: async (plugin, operation, payload, options) => {
      const path = `/gateway/${encodeURIComponent(plugin)}/${encodeURIComponent(operation)}`;
      return (await lane({ method: "POST", path, body: payload, ...options })) ?? {};
    },
    callExternal: (request, options) => proxy({ ...request, headers: { ...request.headers } }, options),
    sendMail: ({ server, ...mail }, options) => proxy({ url: server, method: "SEND", body: mail }, options),
  };
}

/** Our own request types hold nothing but JSON; `undefined` members are left out when they are written. */
function asJson(request: PublishRequest | ProxyRequest): JsonObject {
  return request as JsonObject;
}

function readExternalReply(reply: JsonObject | undefined): ExternalReply {
  const headers = isJsonObject(reply?.headers) ? Object.entries(reply.headers) : [];
  return {
    status: Number(reply?.status_code ?? 0),
    headers: Object.fromEntries(headers.map(([name, value]) => [name, String(value)])),
    body: reply?.body ?? null,
  };
}
