import { sql } from "kysely";
import type { Db } from "../database/open-database.ts";
import type { RevisionStore } from "./revision-store.ts";

export function revisionStore(db: Db): RevisionStore {
  return {
    advance: async () => {
      await db.updateTable("snapshot_revision").set({ revision: sql`revision + 1` }).execute();
    },
    current: async () => {
      const row = await db.selectFrom("snapshot_revision").select("revision").executeTakeFirstOrThrow();
      return Number(row.revision);
    },
    raiseTo: async (revision) => {
      await db
        .updateTable("snapshot_revision")
        .set({ revision: String(revision) })
        .where("revision", "<", String(revision))
        .execute();
    },
  };
}
