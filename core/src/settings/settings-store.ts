import type { JsonObject } from "@vivified/contracts";

/** A plugin's own settings, as a whole. */
export type SettingsStore = {
  readonly get: (pluginId: string) => Promise<JsonObject | undefined>;
  readonly put: (pluginId: string, settings: JsonObject) => Promise<void>;
};
