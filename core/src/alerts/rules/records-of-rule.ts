import { sql } from "kysely";
import type { Db } from "../../database/open-database.ts";

/** Records of core's that give one of these rules as a reason, by what they are about. */
export type RecordsOfRule = { readonly resource: string; readonly count: number; readonly latest: Date };
export type RecordsAsked = { readonly rules: readonly string[]; readonly since: Date };

export async function recordsOfRule(db: Db, { rules, since }: RecordsAsked): Promise<readonly RecordsOfRule[]> {
  const rows = await db
    .selectFrom("decisions")
    .select(({ fn }) => ["resource", fn.countAll<string>().as("count"), fn.max("occurred_at").as("latest")])
    .where("lane", "=", "core")
    .where(sql<boolean>`rules && ${[...rules]}::text[]`)
    .where("occurred_at", ">=", since)
    .groupBy("resource")
    .execute();
  return rows.map(({ resource, count, latest }) => ({ resource, count: Number(count), latest }));
}
