import type { JsonObject } from "@vivified/contracts";
import type { Db } from "../database/open-database.ts";
import { defaultTenant } from "../tenant.ts";
import type { SettingsStore } from "./settings-store.ts";

export function settingsStore(db: Db): SettingsStore {
  return {
    get: async (pluginId) => {
      const query = db.selectFrom("plugin_settings").select("settings").where("plugin_id", "=", pluginId);
      return (await query.executeTakeFirst())?.settings as JsonObject | undefined;
    },
    put: async (pluginId, settings) => {
      const fresh = { settings: JSON.stringify(settings), updated_at: new Date() };
      await db
        .insertInto("plugin_settings")
        .values({ plugin_id: pluginId, tenant_id: defaultTenant, ...fresh })
        .onConflict((conflict) => conflict.column("plugin_id").doUpdateSet(fresh))
        .execute();
    },
  };
}
