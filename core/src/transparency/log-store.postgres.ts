import { tileWidth } from "@vivified/tlog";
import { sql } from "kysely";
import { decidedAt } from "../audit/index.ts";
import type { Db } from "../database/open-database.ts";
import type { LogStore, SignedCheckpoint } from "./log-store.ts";

export function logStore(db: Db): LogStore {
  return { ...checkpointsOf(db), ...leavesOf(db), ...cosignaturesOf(db), ...stateOf(db) };
}

function checkpointsOf(db: Db): Pick<LogStore, "newest" | "list" | "keep" | "partialWidths"> {
  const list: LogStore["list"] = async (limit, before) => {
    const all = db.selectFrom("log_checkpoints").selectAll().orderBy("size", "desc").limit(limit);
    const rows = await (before === undefined ? all : all.where("size", "<", String(before))).execute();
    return rows.map(({ size, root, note, made_at }) => ({ size: Number(size), root, note, madeAt: made_at }));
  };
  return {
    list,
    newest: async () => (await list(1))[0],
    partialWidths: async ({ level, index }) => {
      const [hash, tile] = [tileWidth ** level, tileWidth ** (level + 1)];
      const { rows } = await sql<{ width: string }>`
        select distinct size / ${hash}::bigint - ${index * tileWidth}::bigint as width from log_checkpoints
        where size >= ${index * tile + hash}::bigint and size < ${(index + 1) * tile}::bigint`.execute(db);
      return rows.map(({ width }) => Number(width));
    },
    keep: async ({ size, root, note, madeAt }: SignedCheckpoint) => {
      const row = { size: String(size), root, note, made_at: madeAt };
      await db.insertInto("log_checkpoints").values(row).execute();
      await db.deleteFrom("audit_leaves").where("log_index", "<", String(size)).execute();
    },
  };
}

function leavesOf(db: Db): Pick<LogStore, "placed" | "leaves" | "places"> {
  return {
    placed: async () => {
      const row = await db.selectFrom("audit_position").select("log_size").executeTakeFirstOrThrow();
      return Number(row.log_size);
    },
    leaves: async (from, limit) => {
      const rows = await db
        .selectFrom("audit_leaves")
        .select(["log_index", "entry"])
        .where("log_index", ">=", String(from))
        .orderBy("log_index")
        .limit(limit)
        .execute();
      return rows.map(({ log_index, entry }) => ({ logIndex: Number(log_index), entry }));
    },
    places: async (decisionId) => {
      const [decision, outcome] = await Promise.all([decisionPlace(db, decisionId), outcomePlace(db, decisionId)]);
      return { ...(decision !== undefined && { decision }), ...(outcome !== undefined && { outcome }) };
    },
  };
}

async function decisionPlace(db: Db, id: string): Promise<number | undefined> {
  const row = await db.selectFrom("decisions").select("log_index").where("decision_id", "=", id).executeTakeFirst();
  return row?.log_index == null ? undefined : Number(row.log_index);
}

/** The month comes first: outcomes lie in the month of their decision. */
async function outcomePlace(db: Db, id: string): Promise<number | undefined> {
  const outcome = db.selectFrom("decision_outcomes").select("log_index").where("decided_at", "=", decidedAt(id));
  const row = await outcome.where("decision_id", "=", id).executeTakeFirst();
  return row?.log_index == null ? undefined : Number(row.log_index);
}

function cosignaturesOf(db: Db): Pick<LogStore, "cosignatures" | "cosignedBy" | "addCosignature"> {
  return {
    cosignatures: async (size) => {
      const all = db.selectFrom("log_cosignatures").select(["witness", "line"]).where("size", "=", String(size));
      return (await all.orderBy("witness").execute()).map((row) => ({ size, ...row }));
    },
    cosignedBy: async (witness) => {
      const signed = db.selectFrom("log_cosignatures").where("witness", "=", witness);
      const row = await signed.select(sql<string | null>`max(size)`.as("size")).executeTakeFirst();
      return Number(row?.size ?? 0);
    },
    addCosignature: async ({ size, ...rest }, madeAt) => {
      const row = { size: String(size), ...rest, made_at: madeAt };
      const insert = db.insertInto("log_cosignatures").values(row);
      await insert.onConflict((conflict) => conflict.doNothing()).execute();
    },
  };
}

function stateOf(db: Db): Pick<LogStore, "lock" | "fault" | "setFault"> {
  return {
    lock: async () => {
      const row = db.selectFrom("log_state").select("singleton").forUpdate().skipLocked();
      return (await row.executeTakeFirst()) !== undefined;
    },
    fault: async () => {
      const row = await db.selectFrom("log_state").select("fault").executeTakeFirstOrThrow();
      return row.fault ?? undefined;
    },
    setFault: async (fault) => {
      await db
        .updateTable("log_state")
        .set({ fault: fault ?? null })
        .execute();
    },
  };
}
