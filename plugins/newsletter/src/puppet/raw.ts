import type { JsonObject } from "@vivified/sdk";
import { number, optionalText, text, texts } from "./command.ts";
import { send } from "./http.ts";
import type { PuppetDeps } from "./start-puppet.ts";

/** `{method, path, headers?, body?}`, the body a text → `{status, headers, body}`, on the plugin's lane. */
export function raw(order: JsonObject, { laneUrl }: PuppetDeps): Promise<JsonObject> {
  return send({
    url: `${new URL(laneUrl).origin}${text(order, "path")}`,
    method: text(order, "method"),
    headers: texts(order, "headers"),
    body: optionalText(order, "body"),
    timeoutMs: number(order, "timeout_ms", 35_000),
  });
}
