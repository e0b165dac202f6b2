import { type JsonObject, PluginConfig } from "@vivified/contracts";
import type { HttpServer } from "@vivified/runtime";
import { activePlugin, type CallerDeps } from "../registry/index.ts";
import { type PutSettingsDeps, putSettings } from "./put-settings.ts";
import type { SettingsStore } from "./settings-store.ts";

export type SettingsRoutesDeps = CallerDeps & PutSettingsDeps & { readonly settings: SettingsStore };

const tags = ["settings"];

export function settingsRoutes(server: HttpServer, deps: SettingsRoutesDeps): void {
  server.get("/plugins/self/config", { schema: { tags, response: { 200: PluginConfig } } }, async (request) => ({
    config: { ...(await deps.settings.get(await activePlugin(request, deps))) },
  }));
  server.put(
    "/plugins/self/config",
    { schema: { tags, body: PluginConfig, response: { 200: PluginConfig } } },
    async (request) => {
      const pluginId = await activePlugin(request, deps);
      const settings = request.body.config as JsonObject;
      await putSettings({ pluginId, settings, trace: request.trace }, deps);
      return { config: { ...settings } };
    },
  );
}
