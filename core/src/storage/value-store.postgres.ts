import type { Db } from "../database/open-database.ts";
import { defaultTenant } from "../tenant.ts";
import type { ValueStore } from "./value-store.ts";

export function valueStore(db: Db): ValueStore {
  return {
    get: async (pluginId, key) => {
      const row = await db
        .selectFrom("plugin_values")
        .select(["value", "updated_at"])
        .where("plugin_id", "=", pluginId)
        .where("key", "=", key)
        .executeTakeFirst();
      return row && { key, value: row.value, updatedAt: row.updated_at };
    },
    put: async (pluginId, { key, value }, onlyIfAbsent) => {
      const text = JSON.stringify(value);
      const fresh = { value: text, updated_at: new Date() };
      const row = await db
        .insertInto("plugin_values")
        .values({ plugin_id: pluginId, key, tenant_id: defaultTenant, ...fresh })
        .onConflict((conflict) => {
          const same = conflict.columns(["plugin_id", "key"]);
          return onlyIfAbsent ? same.doNothing() : same.doUpdateSet(fresh);
        })
        .returning(["value", "updated_at"])
        .executeTakeFirst();
      return row && { key, value: row.value, updatedAt: row.updated_at };
    },
    remove: async (pluginId, key) => {
      const own = db.deleteFrom("plugin_values").where("plugin_id", "=", pluginId).where("key", "=", key);
      return (await own.executeTakeFirst()).numDeletedRows > 0n;
    },
    count: async (pluginId) => {
      const row = await db
        .selectFrom("plugin_values")
        .select((eb) => eb.fn.countAll<string>().as("count"))
        .where("plugin_id", "=", pluginId)
        .executeTakeFirstOrThrow();
      return Number(row.count);
    },
  };
}
