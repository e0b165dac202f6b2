import type { JsonObject } from "@vivified/sdk";
import { number, optionalText, text, texts } from "./command.ts";
import { send } from "./http.ts";

/** `{url, method?, headers?, body?}` → `{status, headers, body}`, not over the lane but straight there. */
export function fetchDirectly(order: JsonObject): Promise<JsonObject> {
  return send({
    url: text(order, "url"),
    method: optionalText(order, "method") ?? "GET",
    headers: texts(order, "headers"),
    body: optionalText(order, "body"),
    timeoutMs: number(order, "timeout_ms", 5_000),
  });
}
