import type { DecisionRecord, OutcomeRecord } from "@vivified/contracts";
import { sql } from "kysely";
import type { Db } from "../database/open-database.ts";
import { decidedAt } from "./decided-at.ts";
import type { KeptDecision } from "./decision-store.ts";

/** A row of `decisions`, as far as readers of whole decisions need it. */
export type DecisionFound = {
  readonly decision_id: string;
  readonly record: unknown;
  readonly stream_sequence: string | null;
  readonly log_index: string | null;
};

/** Decisions with what became of them. The times bound which months are asked. */
export async function withOutcomes(db: Db, found: readonly DecisionFound[]): Promise<readonly KeptDecision[]> {
  if (found.length === 0) return [];
  const ids = found.map((row) => row.decision_id);
  const times = ids.map(decidedAt);
  const { rows } = await sql<{ decision_id: string; record: unknown }>`
    select kept.decision_id, kept.record
    from unnest(${times}::timestamptz[], ${ids}::text[]) as wanted (decided_at, decision_id)
    join decision_outcomes as kept on kept.decided_at = wanted.decided_at and kept.decision_id = wanted.decision_id
    where kept.decided_at = any(${times}::timestamptz[])`.execute(db);
  const outcomes = new Map(rows.map((row) => [row.decision_id, row.record as OutcomeRecord]));
  return found.map((row) => kept(row, outcomes.get(row.decision_id)));
}

function kept(row: DecisionFound, outcome: OutcomeRecord | undefined): KeptDecision {
  return {
    record: row.record as DecisionRecord,
    ...(outcome !== undefined && { outcome }),
    ...(row.stream_sequence !== null && { streamSequence: row.stream_sequence }),
    ...(row.log_index !== null && { logIndex: row.log_index }),
  };
}
