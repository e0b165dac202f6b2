import { createHash } from "node:crypto";
import { type AuditBlock, type AuditRecord, canonicalJson } from "@vivified/contracts";
import { createLogger } from "@vivified/runtime";
import { Kysely, PostgresDialect, sql } from "kysely";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureMonths, monthsOf } from "../../../core/src/audit/audit-months.ts";
import { blockStore } from "../../../core/src/audit/block-store.postgres.ts";
import { decisionStore } from "../../../core/src/audit/decision-store.postgres.ts";
import { ingestBlocks } from "../../../core/src/audit/ingest-blocks.ts";
import { parseBlock } from "../../../core/src/audit/parse-block.ts";
import { migrate } from "../../../core/src/database/migrate.ts";
import { Database } from "../../../core/src/database/open-database.ts";
import type { Tables } from "../../../core/src/database/tables.ts";
import { startPostgres, type TestPostgres } from "../../../core/src/postgres.fixtures.ts";
import { askQuestions } from "./ask-questions.ts";
import { dice } from "./dice.ts";
import { fillDecisions } from "./fill-decisions.ts";
import { sampleRecords } from "./sample-records.ts";
import { searchQuestions } from "./search-questions.ts";

const stack = new AsyncDisposableStack();
let postgres: TestPostgres;
let filled: Database;
let url: string;
const until = Date.now();
const span = { records: 5_000, since: until - 395 * 24 * 60 * 60 * 1000, until };
const logger = createLogger({ process: "test", level: "silent" });

beforeAll(async () => {
  postgres = stack.use(await startPostgres());
  url = await postgres.createDatabase();
  filled = await migrated(url);
  await fillDecisions(filled.db, { ...span, url, say: () => undefined });
}, 120_000);
afterAll(() => stack.disposeAsync());

async function migrated(at: string): Promise<Database> {
  const database = stack.use(new Database({ url: at, logger }));
  await migrate(database.db);
  return database;
}

/** As core takes them out of the stream: blocks of a hundred records, each in a transaction. */
async function ingestSample({ db }: Database): Promise<void> {
  const decided = [...sampleRecords(span)];
  const times = decided.map(({ decision }) => new Date(decision.timestamp));
  await ensureMonths(db, monthsOf(times, new Date()));
  const records = decided.flatMap(({ decision, outcome }): AuditRecord[] =>
    outcome === undefined ? [decision] : [decision, outcome],
  );
  let previous = "0".repeat(64);
  for (let sequence = 0; sequence * 100 < records.length; sequence += 1) {
    const held = records.slice(sequence * 100, (sequence + 1) * 100);
    const block: AuditBlock = { version: 1, writer: "gateway-1-0", epoch: "e", sequence, previous, records: held };
    const data = Buffer.from(canonicalJson(block));
    previous = createHash("sha256").update(data).digest("hex");
    const streamed = parseBlock({ seq: sequence + 1, subject: "audit.blocks.gateway-1-0", data, time: new Date() });
    await db.transaction().execute((transaction) => ingestBlocks([streamed], blockStore(transaction)));
  }
}

/** What tables hold, with shapes by what they are instead of by number. */
const kept = {
  decisions: `select decision.*, record::text as record, shape.digest, null as shape_id, decision.tableoid::regclass::text
    from decisions as decision join decision_shapes as shape on shape.id = shape_id order by decision.log_index`,
  outcomes: `select outcome.*, record::text as record, outcome.tableoid::regclass::text from decision_outcomes as outcome
    order by log_index`,
  // outcomes that come in the block of their decision leave its first shape unused
  shapes: `select shape.*, null as id, case outcome when 'none' then null else first_at end as first_at,
      case outcome when 'none' then null else last_at end as last_at from decision_shapes as shape
    where exists (select 1 from decisions where shape_id = shape.id) order by digest`,
  counts: `select digest, hour, records from decision_counts join decision_shapes as shape on shape.id = shape_id
    where records <> 0 order by 1, 2`,
  position: "select log_size from audit_position",
  indexes:
    "select indexname, indexdef from pg_indexes where tablename ~ '^decision' and indexdef !~ 'UNIQUE' order by 1",
};

describe("what the bench fills a database with", () => {
  let ingested: Database;
  beforeAll(async () => {
    ingested = await migrated(await postgres.createDatabase());
    await ingestSample(ingested);
  }, 120_000);

  it.each(Object.entries(kept))("is what ingest keeps: %s", async (_, query) => {
    const [ours, theirs] = [await sql.raw(query).execute(filled.db), await sql.raw(query).execute(ingested.db)];
    expect(ours.rows.length).toBeGreaterThan(0);
    expect(ours.rows).toEqual(theirs.rows);
  });

  it("has the indexes that migrations make, on every month", async () => {
    const count = "select tablename, count(*)::int from pg_indexes where tablename ~ '^decision' group by 1 order by 1";
    const [ours, theirs] = [await sql.raw(count).execute(filled.db), await sql.raw(count).execute(ingested.db)];
    expect(ours.rows).toEqual(theirs.rows);
  });
});

describe("the searches of the bench", () => {
  it("are answered, each from an index: none has to read a month's decisions from end to end", async () => {
    const asked: { readonly sql: string; readonly parameters: readonly unknown[] }[] = [];
    const pool = new Pool({ connectionString: url, max: 1 });
    await using db = new Kysely<Tables>({
      dialect: new PostgresDialect({ pool }),
      log: ({ query }) => {
        asked.push({ sql: query.sql, parameters: query.parameters });
      },
    });
    const questions = searchQuestions({ span, random: dice(3), traces: ["f".repeat(32)] });
    const answered = await askQuestions(decisionStore(db), questions, 2);
    expect(answered.every(({ most }) => most > 0)).toBe(true);
    expect(await readFromEndToEnd(pool, asked)).toEqual([]);
  });
});

/** Months that a query cannot find its rows in by any index, with the query. */
async function readFromEndToEnd(pool: Pool, asked: readonly { sql: string; parameters: readonly unknown[] }[]) {
  await pool.query("set enable_seqscan = off");
  const found: string[] = [];
  for (const { sql: text, parameters } of asked.filter((one) =>
    /^(select|with)\b.*\bdecisions\b/is.test(one.sql.trim()),
  )) {
    const { rows } = await pool.query(`explain ${text}`, [...parameters]);
    const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
    if (/Seq Scan on decisions_/.test(plan)) found.push(`${text}\n${plan}`);
  }
  return found;
}
