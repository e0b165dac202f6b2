import { sql } from "kysely";
import type { Db } from "../../../core/src/database/open-database.ts";

const tables = ["decisions", "decision_outcomes"];

/** Takes the tables' indexes away for as long as something is written, all but the keys, and makes them again as they were. */
export async function withoutIndexes(db: Db, say: (line: string) => void, write: () => Promise<void>): Promise<void> {
  const { rows } = await sql<{ indexname: string; indexdef: string }>`
    select indexname, indexdef from pg_indexes
    where tablename = any(${tables}) and indexname not like '%_pkey'`.execute(db);
  for (const { indexname } of rows) await sql`drop index ${sql.ref(indexname)}`.execute(db);
  await write();
  for (const { indexname, indexdef } of rows) {
    say(`index ${indexname}`);
    await sql.raw(indexdef.replace(" ON ONLY ", " ON ")).execute(db);
  }
}
