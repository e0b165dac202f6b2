import type { JsonObject } from "@vivified/contracts";

/**
 * Whether a request says that somebody else sends it. `X-Plugin-Id` and `plugin_id` in a body carry no authority; they
 * are accepted only when they name the caller.
 */
export function claimsAnother(
  callerId: string,
  headers: { readonly [name: string]: string | string[] | undefined },
  body: JsonObject,
): boolean {
  const claims = [headers["x-plugin-id"], Object.hasOwn(body, "plugin_id") ? body.plugin_id : undefined];
  return claims.some((claim) => claim !== undefined && claim !== callerId);
}
