import type { DecisionRecord, OutcomeRecord } from "@vivified/contracts";
import type { Db } from "../database/open-database.ts";
import type { KeptDecision } from "./decision-store.ts";
import { outcomesOf } from "./outcomes-of.postgres.ts";

/** A row of `decisions`, as far as readers of whole decisions need it. */
export type DecisionFound = {
  readonly decision_id: string;
  readonly record: unknown;
  readonly stream_sequence: string | null;
  readonly log_index: string | null;
};

/** Decisions with what became of them. */
export async function withOutcomes(db: Db, found: readonly DecisionFound[]): Promise<readonly KeptDecision[]> {
  if (found.length === 0) return [];
  const outcomes = await outcomesOf(
    db,
    found.map((row) => row.decision_id),
  );
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
