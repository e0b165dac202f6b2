import { sql } from "kysely";
import type { Db } from "../../database/open-database.ts";

/** Names may be made up: beyond so many, those with the newest records are given. */
const mostResources = 1_000;

/**
 * Records that give one of these rules as a reason, by what they are about, newest first; found once they are sorted in,
 * within seconds.
 */
export type RecordsOfRule = { readonly resource: string; readonly count: number; readonly latest: Date };
export type RecordsAsked = {
  readonly rules: readonly string[];
  readonly since: Date;
  /** Now: what says that it is later counts once it is, or it would be the newest for as long. */
  readonly until: Date;
  /** Whose records: core's, where nothing is said. */
  readonly lane?: "core" | "mesh";
};

export async function recordsOfRule(
  db: Db,
  { rules, since, until, lane = "core" }: RecordsAsked,
): Promise<readonly RecordsOfRule[]> {
  const rows = await db
    .selectFrom("decision_shapes as shape")
    .innerJoin("decisions as d", "d.shape_id", "shape.id")
    .select(({ fn }) => ["d.resource", fn.countAll<string>().as("count"), fn.max("d.occurred_at").as("latest")])
    .where("shape.lane", "=", lane)
    .where(sql<boolean>`shape.rules && ${[...rules]}::text[]`)
    .where("d.occurred_at", ">=", since)
    .where("d.occurred_at", "<=", until)
    .groupBy("d.resource")
    .orderBy("latest", "desc")
    .limit(mostResources)
    .execute();
  return rows.map(({ resource, count, latest }) => ({ resource, count: Number(count), latest }));
}
