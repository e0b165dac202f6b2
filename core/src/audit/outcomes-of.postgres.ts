import type { OutcomeRecord } from "@vivified/contracts";
import { sql } from "kysely";
import type { Db } from "../database/open-database.ts";
import { decidedAt } from "./decided-at.ts";

/** What became of decisions, by their ids, as far as it was told. Their times say which months are asked. */
export async function outcomesOf(db: Db, decisionIds: readonly string[]): Promise<ReadonlyMap<string, OutcomeRecord>> {
  const times = decisionIds.map(decidedAt);
  const { rows } = await sql<{ decision_id: string; record: unknown }>`
    select kept.decision_id, kept.record
    from unnest(${times}::timestamptz[], ${decisionIds}::text[]) as wanted (decided_at, decision_id)
    join decision_outcomes as kept on kept.decided_at = wanted.decided_at and kept.decision_id = wanted.decision_id
    where kept.decided_at = any(${times}::timestamptz[])`.execute(db);
  return new Map(rows.map((row) => [row.decision_id, row.record as OutcomeRecord]));
}
