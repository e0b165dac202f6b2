import { sql } from "kysely";
import type { Db } from "../../database/open-database.ts";
import type { KeptDecision } from "../decision-store.ts";
import { type DecisionFound, withOutcomes } from "../with-outcomes.postgres.ts";
import { type DecisionKey, findKeys, type KeySearch } from "./find-keys.ts";
import { inSnapshot } from "./in-snapshot.ts";

/** The newest decisions that a filter wants, whole and with what became of them. */
export function searchRows(db: Db, search: KeySearch): Promise<readonly KeptDecision[]> {
  return inSnapshot(db, async (snapshot) => {
    const keys = await findKeys(snapshot, search);
    return keys.length === 0 ? [] : withOutcomes(snapshot, await rowsOf(snapshot, keys));
  });
}

async function rowsOf(db: Db, keys: readonly DecisionKey[]): Promise<readonly DecisionFound[]> {
  const times = keys.map((key) => key.occurred_at);
  const ids = keys.map((key) => key.decision_id);
  const { rows } = await sql<DecisionFound>`
    select kept.decision_id, kept.record, kept.stream_sequence, kept.log_index
    from unnest(${times}::timestamptz[], ${ids}::text[]) with ordinality as wanted (occurred_at, decision_id, place)
    join decisions as kept on kept.occurred_at = wanted.occurred_at and kept.decision_id = wanted.decision_id
    where kept.occurred_at = any(${times}::timestamptz[])
    order by wanted.place`.execute(db);
  return rows;
}
