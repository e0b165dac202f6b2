import type { DecisionRecord } from "@vivified/contracts";
import { sql } from "kysely";
import type { Db } from "../database/open-database.ts";
import { decidedAt } from "./decided-at.ts";
import { decisionColumns } from "./decision-columns.ts";
import type { DecisionCursor, DecisionStore, RecordFilter } from "./decision-store.ts";
import { countFacets } from "./search/count-facets.ts";
import { countOverTime } from "./search/count-over-time.ts";
import { searchRows } from "./search/search-rows.ts";
import { withOutcomes } from "./with-outcomes.postgres.ts";

const rowsPerStatement = 500;
const day = 24 * 60 * 60 * 1000;

export function decisionStore(db: Db): DecisionStore {
  return {
    append: async (records) => {
      for (let from = 0; from < records.length; from += rowsPerStatement) {
        const rows = records.slice(from, from + rowsPerStatement).map((record) => decisionColumns(record));
        await db
          .insertInto("decisions")
          .values(rows)
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      }
    },
    search: (filter, limit, before) => searchRows(db, { filter, limit, before }),
    records: async (filter, limit, after) => {
      const rows = await recorded(db, filter, after)
        .orderBy("occurred_at")
        .orderBy("decision_id")
        .limit(limit)
        .execute();
      return rows.map(({ record }) => record as DecisionRecord);
    },
    facets: (filter) => countFacets(db, filter),
    histogram: (query, now) => countOverTime(db, query, now),
    find: async (id) => {
      const query = found(db).where("decision_id", "=", id).limit(1);
      const row = (await nearItsTime(query, id).executeTakeFirst()) ?? (await query.executeTakeFirst());
      return row && (await withOutcomes(db, [row]))[0];
    },
  };
}

/** Where the id says that it was made; a record may say otherwise, and is then looked for in every month. */
function nearItsTime(query: ReturnType<typeof found>, id: string) {
  const moment = decidedAt(id).getTime();
  return query.where("occurred_at", ">=", new Date(moment - day)).where("occurred_at", "<=", new Date(moment + day));
}

const found = (db: Db) => db.selectFrom("decisions").select(["decision_id", "record", "stream_sequence", "log_index"]);

function recorded(db: Db, { since, until, entrypoint }: RecordFilter, after?: DecisionCursor) {
  let query = db.selectFrom("decisions").select("record");
  if (entrypoint !== undefined) query = query.where("entrypoint", "=", entrypoint);
  if (since !== undefined) query = query.where("occurred_at", ">=", new Date(since));
  if (until !== undefined) query = query.where("occurred_at", "<", new Date(until));
  if (after === undefined) return query;
  return query.where(sql<boolean>`(occurred_at, decision_id) > (${after.occurredAt}, ${after.decisionId})`);
}
