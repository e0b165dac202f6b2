import type { DecisionRecord } from "@vivified/contracts";
import { type Kysely, sql } from "kysely";
import type { Tables } from "../../database/tables.ts";
import type { OwnRecords } from "./own-records.ts";

export function ownRecords(db: Kysely<Tables>): OwnRecords {
  return {
    takenIn: async () => {
      const row = await db.selectFrom("audit_position").select("stream_sequence").executeTakeFirstOrThrow();
      return Number(row.stream_sequence);
    },
    waiting: async (limit) => {
      const rows = await db
        .selectFrom("decisions")
        .select("record")
        .where("stream_sequence", "is", null)
        .where("lane", "=", "core")
        .orderBy("occurred_at")
        .orderBy("decision_id")
        .limit(limit)
        .execute();
      return rows.map(({ record }) => record as DecisionRecord);
    },
    alone: (work) =>
      db.transaction().execute(async (transaction) => {
        const { rows } = await sql<{ mine: boolean }>`
          select pg_try_advisory_xact_lock(hashtext('vivified audit blocks of core')) as mine`.execute(transaction);
        if (rows[0]?.mine) await work();
      }),
  };
}
