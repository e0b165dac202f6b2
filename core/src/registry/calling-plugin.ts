import { onBehalfOfHeader, parseSpiffeId, pluginIdOf, processSpiffeId, type SpiffeId } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import type { FastifyRequest } from "fastify";
import type { RegistryStore } from "./registry-store.ts";

export type CallerDeps = { readonly trustDomain: string; readonly plugins: RegistryStore };
export type CallingPlugin = { readonly pluginId: string; readonly spiffeId: SpiffeId };

/**
 * The plugin on whose behalf the gateway asks. The header is believed because the other end of the connection is the
 * gateway; from anybody else it means nothing.
 *
 * @throws VivifiedError `unauthenticated` 401
 */
export function callingPlugin(request: FastifyRequest, trustDomain: string): CallingPlugin {
  if (request.peer?.id !== processSpiffeId(trustDomain, "gateway")) {
    throw new VivifiedError("unauthenticated", { detail: "only the gateway may ask here" });
  }
  const header = request.headers[onBehalfOfHeader];
  const spiffeId = typeof header === "string" ? parseSpiffeId(header)?.id : undefined;
  const pluginId = spiffeId && pluginIdOf(spiffeId, trustDomain);
  if (spiffeId === undefined || pluginId === undefined) {
    throw new VivifiedError("unauthenticated", { detail: "the caller is not a plugin of this platform" });
  }
  return { pluginId, spiffeId };
}

/** The calling plugin's id, if it was approved and is not quarantined. @throws VivifiedError `denied` 403 */
export async function activePlugin(request: FastifyRequest, deps: CallerDeps): Promise<string> {
  const { pluginId } = callingPlugin(request, deps.trustDomain);
  const plugin = await deps.plugins.find(pluginId);
  if (plugin?.status === "active") return pluginId;
  const fix =
    plugin?.status === "disabled" ? "ask an operator to enable the plugin" : "wait for an operator's approval";
  const reasons = [{ rule: "registry.not_active", message: "The plugin is not active", fix }];
  throw new VivifiedError("denied", { extra: { reasons } });
}
