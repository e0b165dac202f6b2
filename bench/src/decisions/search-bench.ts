import { sql } from "kysely";
import { decisionStore } from "../../../core/src/audit/decision-store.postgres.ts";
import type { Db } from "../../../core/src/database/open-database.ts";
import type { Row } from "../table.ts";
import { type Answered, askQuestions } from "./ask-questions.ts";
import { decisionLog } from "./decision-log.ts";
import { dice } from "./dice.ts";
import { searchQuestions } from "./search-questions.ts";

const days = 395;
const timesAsked = 25;
const goalMs = 200;

/** How long searches take in a log of so many decisions over thirteen months. Sets the exit code when one misses its goal. */
export async function searchBench(records: number, say: (line: string) => void): Promise<Row[]> {
  const until = Date.now();
  const span = { records, since: until - days * 24 * 60 * 60 * 1000, until };
  const began = performance.now();
  await using log = await decisionLog(span, say);
  say(`made in ${Math.round((performance.now() - began) / 1000)} s; ${await sizes(log.db)}`);
  const { rows } = await sql<{ trace_id: string }>`
    select trace_id from decisions tablesample system (0.1) limit 1000`.execute(log.db);
  const traces = rows.map((row) => row.trace_id);
  const questions = searchQuestions({ span, random: dice(11), traces });
  const answered = await askQuestions(decisionStore(log.db), questions, timesAsked);
  if (answered.some((one) => one.p95 > goalMs)) process.exitCode = 1;
  return [{ measure: "decision log", value: await sizes(log.db) }, ...answered.map(row)];
}

const row = ({ name, p50, p95, most }: Answered): Row => ({
  measure: name,
  value: `p95 ${p95.toFixed(1)} ms`,
  against: `p50 ${p50.toFixed(1)} ms, slowest ${most.toFixed(1)} ms`,
  ...(p95 > goalMs && { ratio: `more than ${goalMs} ms` }),
});

async function sizes(db: Db): Promise<string> {
  const { rows } = await sql<{ decisions: string; shapes: string; counts: string; bytes: string }>`
    select (select count(*) from decisions) as decisions, (select count(*) from decision_shapes) as shapes,
      (select count(*) from decision_counts) as counts, pg_database_size(current_database()) as bytes`.execute(db);
  const [found] = rows;
  const number = (text = "0") => Number(text).toLocaleString("en");
  return `${number(found?.decisions)} decisions, ${number(found?.shapes)} shapes, ${number(found?.counts)} counts, ${number(found?.bytes)} bytes`;
}
