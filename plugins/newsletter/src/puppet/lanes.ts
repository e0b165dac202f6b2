import type { JsonObject, JsonValue } from "@vivified/sdk";
import { object, optionalText, text, texts } from "./command.ts";
import type { PuppetDeps } from "./start-puppet.ts";

/** `{type, payload, traits?}` → `{event_id}` */
export async function publish(order: JsonObject, { client }: PuppetDeps): Promise<JsonValue> {
  const traits = Array.isArray(order.traits) ? { traits: order.traits.map(String) } : {};
  const event = { type: text(order, "type"), payload: object(order, "payload"), ...traits };
  return { event_id: (await client.publishEvent(event)).eventId };
}

/** `{plugin, operation, payload?}` → the reply's payload */
export function call(order: JsonObject, { client }: PuppetDeps): Promise<JsonValue> {
  return client.callPlugin(text(order, "plugin"), text(order, "operation"), object(order, "payload"));
}

/** `{url, method?, headers?, body?}` → `{status, headers, body}` */
export async function proxy(order: JsonObject, { client }: PuppetDeps): Promise<JsonValue> {
  const method = (optionalText(order, "method") ?? "GET") as "GET";
  const body = order.body === undefined ? {} : { body: order.body };
  return {
    ...(await client.callExternal({ url: text(order, "url"), method, headers: texts(order, "headers"), ...body })),
  };
}
