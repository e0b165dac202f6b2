import type { JsonObject, TraceContext } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import { changeRecord, type KeyedDigest } from "../audit/index.ts";
import type { Atomically } from "../database/atomically.ts";
import type { Stores } from "../stores.ts";
import { checkSettings } from "./check-settings.ts";
import { settingsTold } from "./settings-told.ts";

export type PutSettingsDeps = {
  readonly atomically: Atomically<Pick<Stores, "plugins" | "settings" | "decisions">>;
  readonly keyedDigest: KeyedDigest;
};

const reason = { rule: "settings.changed", message: "A plugin changed its own settings", fix: "" };

/** Replaces a plugin's own settings. @throws VivifiedError `invalid` 422 when they break its `config_schema` */
export async function putSettings(
  change: { readonly pluginId: string; readonly settings: JsonObject; readonly trace: TraceContext },
  deps: PutSettingsDeps,
): Promise<void> {
  const { pluginId, settings, trace } = change;
  await deps.atomically(async (stores) => {
    const plugin = await stores.plugins.lock(pluginId);
    if (plugin === undefined) throw new VivifiedError("not_found");
    checkSettings(settings, plugin.manifest.config_schema as JsonObject | undefined);
    const before = await stores.settings.get(pluginId);
    await stores.settings.put(pluginId, settings);
    const labels = settingsTold({ pluginId, before, after: settings }, deps.keyedDigest);
    const told = { caller: pluginId, action: "change settings", resource: `plugin ${pluginId}`, trace, reason };
    await stores.decisions.append([changeRecord({ ...told, labels })]);
  });
}
