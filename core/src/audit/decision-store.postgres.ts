import type { DecisionRecord, OutcomeRecord } from "@vivified/contracts";
import { sql } from "kysely";
import type { Db } from "../database/open-database.ts";
import { defaultTenant } from "../tenant.ts";
import type { DecisionCursor, DecisionFilter, DecisionStore, KeptDecision, RecordFilter } from "./decision-store.ts";
import { storableText } from "./storable-text.ts";

const rowsPerStatement = 500;

export function decisionStore(db: Db): DecisionStore {
  return {
    append: (records) =>
      appendDecisions(
        db,
        records.map((record) => ({ record })),
      ),
    search: async (filter, limit, before) => {
      const rows = await matching(db, filter, before)
        .orderBy("decisions.occurred_at", "desc")
        .orderBy("decisions.decision_id", "desc")
        .limit(limit)
        .execute();
      return rows.map(kept);
    },
    records: async (filter, limit, after) => {
      const rows = await recorded(db, filter, after)
        .orderBy("occurred_at")
        .orderBy("decision_id")
        .limit(limit)
        .execute();
      return rows.map(({ record }) => record as DecisionRecord);
    },
    find: async (id) => {
      const row = await joined(db).where("decisions.decision_id", "=", id).limit(1).executeTakeFirst();
      return row && kept(row);
    },
  };
}

/** A decision, and where in the audit stream it stands; core's own stand nowhere. */
export type PlacedDecision = { readonly record: DecisionRecord; readonly streamSequence?: string };

export async function appendDecisions(db: Db, decisions: readonly PlacedDecision[]): Promise<void> {
  for (let from = 0; from < decisions.length; from += rowsPerStatement) {
    const rows = decisions.slice(from, from + rowsPerStatement).map(rowOf);
    await db
      .insertInto("decisions")
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

function rowOf({ record, streamSequence }: PlacedDecision) {
  return {
    occurred_at: new Date(record.timestamp),
    decision_id: storableText(record.decision_id),
    tenant_id: defaultTenant,
    lane: record.lane,
    entrypoint: record.entrypoint,
    caller: storableText(record.caller),
    action: storableText(record.action),
    resource: storableText(record.resource),
    target: record.target === undefined ? null : storableText(record.target),
    effect: record.result.effect,
    rules: record.result.reasons.map((reason) => storableText(reason.rule)),
    trace_id: storableText(record.trace_id),
    parent_id: record.parent_id === undefined ? null : storableText(record.parent_id),
    record: JSON.stringify(record),
    stream_sequence: streamSequence ?? null,
  };
}

const joined = (db: Db) =>
  db
    .selectFrom("decisions")
    .leftJoin("decision_outcomes", "decision_outcomes.decision_id", "decisions.decision_id")
    .select(["decisions.record", "decisions.stream_sequence", "decision_outcomes.record as outcome"]);

function matching(db: Db, filter: DecisionFilter, before?: DecisionCursor) {
  let query = joined(db);
  for (const field of ["lane", "caller", "target", "action", "effect", "trace_id"] as const) {
    const wanted = filter[field];
    if (wanted !== undefined) query = query.where(`decisions.${field}`, "=", wanted);
  }
  if (filter.rule !== undefined) query = query.where(sql<boolean>`decisions.rules @> array[${filter.rule}]::text[]`);
  if (filter.since !== undefined) query = query.where("decisions.occurred_at", ">=", new Date(filter.since));
  if (filter.until !== undefined) query = query.where("decisions.occurred_at", "<", new Date(filter.until));
  if (before === undefined) return query;
  return query.where(
    sql<boolean>`(decisions.occurred_at, decisions.decision_id) < (${before.occurredAt}, ${before.decisionId})`,
  );
}

function recorded(db: Db, { since, until, entrypoint }: RecordFilter, after?: DecisionCursor) {
  let query = db.selectFrom("decisions").select("record");
  if (entrypoint !== undefined) query = query.where("entrypoint", "=", entrypoint);
  if (since !== undefined) query = query.where("occurred_at", ">=", new Date(since));
  if (until !== undefined) query = query.where("occurred_at", "<", new Date(until));
  if (after === undefined) return query;
  return query.where(sql<boolean>`(occurred_at, decision_id) > (${after.occurredAt}, ${after.decisionId})`);
}

type Row = { record: unknown; stream_sequence: string | null; outcome: unknown };

function kept(row: Row): KeptDecision {
  return {
    record: row.record as DecisionRecord,
    ...(row.outcome !== null && { outcome: row.outcome as OutcomeRecord }),
    ...(row.stream_sequence !== null && { streamSequence: row.stream_sequence }),
  };
}
