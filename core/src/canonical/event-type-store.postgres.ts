import type { JsonObject } from "@vivified/contracts";
import type { Db } from "../database/open-database.ts";
import type { EventTypeStore } from "./event-type-store.ts";

export function eventTypeStore(db: Db): EventTypeStore {
  return {
    list: async () => {
      const rows = await db.selectFrom("event_types").select(["type", "schema"]).orderBy("type").execute();
      return rows.map(({ type, schema }) => ({ type, schema: schema as JsonObject }));
    },
  };
}
