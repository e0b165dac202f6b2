import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import { type AuditRecord, auditBlockPrefix, auditEventsStream } from "@vivified/contracts";
import { createLogger, type NatsConnection, processOf, provisionNats } from "@vivified/runtime";
import { testProcessKeys } from "@vivified/runtime/audit-fixtures";
import { startTestNats } from "@vivified/runtime/nats-fixtures";
import { sql } from "kysely";
import { AuditIngest } from "../../../core/src/audit/audit-ingest.ts";
import { BlockWriter } from "../../../core/src/audit/block.fixtures.ts";
import { WriterKeys } from "../../../core/src/audit/writer-keys.ts";
import { migrate } from "../../../core/src/database/migrate.ts";
import { Database, type Db } from "../../../core/src/database/open-database.ts";
import { startPostgres } from "../../../core/src/postgres.fixtures.ts";
import type { Row } from "../table.ts";
import { sampleRecords } from "./sample-records.ts";

const decisions = 60_000;
const recordsOfABlock = 100;
const writer = "gateway-1-0";

/** How fast core takes blocks out of a real stream into a real database, and how many bytes a record takes there. */
export async function ingestBench(say: (line: string) => void): Promise<Row[]> {
  await using stack = new AsyncDisposableStack();
  const postgres = stack.use(await startPostgres());
  const nats = stack.use(await startTestNats());
  const connection = stack.use(await nats.connect("bench"));
  await provisionNats(connection);
  const logger = createLogger({ process: "bench", level: "warn" });
  const { db } = stack.use(new Database({ url: await postgres.createDatabase(), logger }));
  await migrate(db);
  const { records, blocks } = await writeSample(connection);
  say(`${records} records in ${blocks} blocks of ${auditBlockPrefix}${writer}`);
  const inStream = await streamBytes(connection);
  const before = await bytesOf(db);
  const began = performance.now();
  const ingest = { nats: connection, db, logger, writers: await writerKeys(stack) };
  await using _ = new AuditIngest({ ...ingest, ingested: () => undefined, broken: () => undefined });
  while ((await taken(db)) < records) await sleep(100);
  const seconds = (performance.now() - began) / 1000;
  const bytes = (await bytesOf(db)) - before;
  return [
    { measure: "ingest: records from the stream into PostgreSQL", value: `${shown(records / seconds)} a second` },
    { measure: "ingest: bytes a record, blocks in the stream", value: shown(inStream / records) },
    { measure: "ingest: bytes a record, tables and indexes, without leaves", value: shown(bytes / records) },
  ];
}

async function writerKeys(stack: AsyncDisposableStack): Promise<WriterKeys> {
  const directory = await mkdtemp(join(tmpdir(), "vivified-bench-"));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const file = join(directory, "process-keys.json");
  await writeFile(file, JSON.stringify(testProcessKeys(processOf(writer))));
  return WriterKeys.open({ file, changed: async () => {} });
}

/** Decisions and outcomes of two days, in the order in which they were told. */
async function writeSample(nats: NatsConnection) {
  const until = Date.now();
  const told = [...sampleRecords({ records: decisions, since: until - 2 * 86_400_000, until })].flatMap(
    ({ decision, outcome }): AuditRecord[] => (outcome === undefined ? [decision] : [decision, outcome]),
  );
  const records = told.toSorted((a, b) => Date.parse(a.timestamp) - Date.parse(b.timestamp));
  const chain = new BlockWriter(nats, writer);
  for (let from = 0; from < records.length; from += recordsOfABlock)
    await chain.write(records.slice(from, from + recordsOfABlock));
  return { records: records.length, blocks: Math.ceil(records.length / recordsOfABlock) };
}

async function taken(db: Db): Promise<number> {
  const row = await db.selectFrom("audit_position").select("log_size").executeTakeFirstOrThrow();
  return Number(row.log_size);
}

/** What JetStream says that the stream takes: headers and subjects included. */
async function streamBytes(nats: NatsConnection): Promise<number> {
  const { streams } = await jetstreamManager(nats);
  return (await streams.info(auditEventsStream.name)).state.bytes;
}

async function bytesOf(db: Db): Promise<number> {
  const { rows } = await sql<{ bytes: string }>`
    select sum(pg_total_relation_size(oid)) as bytes from pg_class
    where relkind = 'r' and relname ~ '^(decision|audit_blocks)'`.execute(db);
  return Number(rows[0]?.bytes ?? 0);
}

const shown = (figure: number) => Math.round(figure).toLocaleString("en");
