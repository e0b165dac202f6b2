import { processOf } from "@vivified/runtime";
import { sql } from "kysely";
import type { Db } from "../../database/open-database.ts";
import { decidedAt } from "../decided-at.ts";
import { decisionStore } from "../decision-store.postgres.ts";
import type { LoggedDecision, UntoldStore } from "./untold-store.ts";

/** The questions whose permits let something be done, and then tell an outcome. */
const acting: ReadonlySet<string> = new Set(["events/publish", "events/deliver", "rpc/invoke", "egress/connect"]);

export function untoldStore(db: Db): UntoldStore {
  return {
    lock: async () => {
      const row = await db.selectFrom("audit_untold").select("through_log_index").forUpdate().executeTakeFirstOrThrow();
      return row.through_log_index;
    },
    decisionsAfter: async (logIndex, { before, limit }) => {
      const rows = await db
        .selectFrom("decisions")
        .innerJoin("audit_blocks", "audit_blocks.stream_sequence", "decisions.stream_sequence")
        .select(["log_index", "decision_id", "trace_id", "entrypoint", "effect", "writer"])
        .where("log_index", ">", logIndex)
        .where("ingested_at", "<=", before)
        .orderBy("log_index")
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        logIndex: String(row.log_index),
        decisionId: row.decision_id,
        traceId: row.trace_id,
        entrypoint: row.entrypoint,
        writer: row.writer,
        acts: row.effect !== "deny" && acting.has(row.entrypoint),
      }));
    },
    toldOf: async (permits) => new Set([...(await withOutcome(db, permits)), ...(await refusedAfter(db, permits))]),
    append: (records) => decisionStore(db).append(records),
    moveTo: async (logIndex) => {
      await db.updateTable("audit_untold").set({ through_log_index: logIndex }).execute();
    },
  };
}

/** The times bound which months are asked. */
async function withOutcome(db: Db, permits: readonly LoggedDecision[]): Promise<readonly string[]> {
  const ids = permits.map(({ decisionId }) => decisionId);
  const times = ids.map(decidedAt);
  const { rows } = await sql<{ decision_id: string }>`
    select kept.decision_id
    from unnest(${times}::timestamptz[], ${ids}::text[]) as wanted (decided_at, decision_id)
    join decision_outcomes as kept on kept.decided_at = wanted.decided_at and kept.decision_id = wanted.decision_id
    where kept.decided_at = any(${times}::timestamptz[])`.execute(db);
  return rows.map((row) => row.decision_id);
}

/**
 * A refusal stands in the trace of the permit that it takes back, on a subject of the process that gave it: nobody else
 * says that another's permit came to nothing.
 */
async function refusedAfter(db: Db, permits: readonly LoggedDecision[]): Promise<readonly string[]> {
  if (permits.length === 0) return [];
  const traces = [...new Set(permits.map(({ traceId }) => traceId))];
  const refusals = await db
    .selectFrom("decisions")
    .innerJoin("audit_blocks", "audit_blocks.stream_sequence", "decisions.stream_sequence")
    .select(["parent_id", "writer"])
    .where("trace_id", "in", traces)
    .where("entrypoint", "=", "refused")
    .where("parent_id", "is not", null)
    .execute();
  const makers = new Map(permits.map(({ decisionId, writer }) => [decisionId, processOf(writer)]));
  return refusals.flatMap(({ parent_id: id, writer }) =>
    id !== null && makers.get(id) === processOf(writer) ? [id] : [],
  );
}
