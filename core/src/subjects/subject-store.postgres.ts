import type { KeptPayloadRule } from "@vivified/contracts";
import type { Db } from "../database/open-database.ts";
import { defaultTenant } from "../tenant.ts";
import type { SubjectStore } from "./subject-store.ts";

export function subjectStore(db: Db): SubjectStore {
  return {
    rules: async () => {
      const row = await db.selectFrom("kept_payloads").select("rules").executeTakeFirst();
      return (row?.rules ?? []) as readonly KeptPayloadRule[];
    },
    putRules: async (rules) => {
      const fresh = { rules: JSON.stringify(rules) };
      await db
        .insertInto("kept_payloads")
        .values(fresh)
        .onConflict((conflict) => conflict.column("singleton").doUpdateSet(fresh))
        .execute();
    },
    forget: async ({ key, subject }) => {
      await db
        .insertInto("forgotten_keys")
        .values({ key, subject, tenant_id: defaultTenant, forgotten_at: new Date() })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
    isForgotten: async ({ key, subject }) => {
      const known = db.selectFrom("forgotten_keys").select("key").where("key", "=", key).where("subject", "=", subject);
      return (await known.executeTakeFirst()) !== undefined;
    },
    forgotten: () => db.selectFrom("forgotten_keys").select(["key", "subject"]).execute(),
  };
}
