import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { type AuditRecord, coreWriter } from "@vivified/contracts";
import {
  BlockChain,
  createLogger,
  type NatsConnection,
  natsBlockStream,
  newTrace,
  provisionNats,
  uuidv7,
} from "@vivified/runtime";
import { testProcessKey } from "@vivified/runtime/audit-fixtures";
import { startTestNats, type TestNats } from "@vivified/runtime/nats-fixtures";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../core.fixtures.ts";
import { migratedDatabase } from "../database/migrated-database.fixtures.ts";
import type { Database } from "../database/open-database.ts";
import { startPostgres, type TestPostgres } from "../postgres.fixtures.ts";
import { AuditIngest } from "./audit-ingest.ts";
import { BlockWriter, decisionOf } from "./block.fixtures.ts";
import { changeRecord } from "./change-record.ts";
import { decisionStore } from "./decision-store.postgres.ts";
import { lastBlock } from "./last-block.nats.ts";
import { ownRecords } from "./own/own-records.postgres.ts";
import { writeOwnBlocks } from "./own/write-own-blocks.ts";
import { sameStream } from "./same-stream.nats.ts";

const stack = new AsyncDisposableStack();
let postgres: TestPostgres;
let server: TestNats;
let nats: NatsConnection;
let db: Database["db"];
const logger = createLogger({ process: "test", level: "silent" });
const told: unknown[] = [];
logger.warn = (found: unknown) => void told.push(found);

beforeAll(async () => {
  postgres = stack.use(await startPostgres());
});
afterAll(() => stack.disposeAsync());

async function follow(): Promise<AsyncDisposableStack> {
  const own = stack.use(new AsyncDisposableStack());
  server = own.use(await startTestNats());
  nats = own.use(await server.connect());
  await provisionNats(nats);
  ({ db } = own.use(await migratedDatabase({ postgres })));
  const deps = { nats: own.use(await server.connect()), db, logger, broken: () => {}, ingested: () => {} };
  own.use(new AuditIngest({ ...deps, writers: { signed: async () => true } }));
  return own;
}

const position = async () =>
  Number((await db.selectFrom("audit_position").selectAll().executeTakeFirstOrThrow()).stream_sequence);
const ofBlocks = async () => {
  const rows = db.selectFrom("decisions").select("decision_id").where("log_index", "is not", null);
  return (await rows.orderBy("log_index").execute()).map((row) => row.decision_id);
};
const faults = () =>
  db.selectFrom("audit_blocks").select(["stream_sequence", "fault"]).where("fault", "is not", null).execute();
const idsOf = (records: readonly AuditRecord[]) => records.map((one) => one.decision_id);

describe("ingest", () => {
  it.each(["goes on", "says nothing more"])(
    "takes in again what a database that was put back lost, of a writer that %s",
    async (writes) => {
      await using _ = await follow();
      const writer = new BlockWriter(nats);
      const records = Array.from({ length: 5 }, () => decisionOf());
      for (const record of records.slice(0, 2)) await writer.write([record]);
      await eventually(position).toBe(2);
      for (const record of records.slice(2, 4)) await writer.write([record]);
      await eventually(position).toBe(4);
      // as a replica that lags has it
      await sql`delete from decisions where stream_sequence > 2`.execute(db);
      await sql`delete from audit_leaves where log_index > 1`.execute(db);
      await sql`delete from audit_blocks where stream_sequence > 2`.execute(db);
      await sql`update audit_position set stream_sequence = 2, log_size = 2`.execute(db);
      const all = writes === "goes on" ? records : records.slice(0, 4);
      if (writes === "goes on") await writer.write(records.slice(4));
      await eventually(position).toBe(all.length);
      expect({ kept: await ofBlocks(), faults: await faults() }).toEqual({ kept: idsOf(all), faults: [] });
    },
  );

  it("goes no further in an older stream, however much is in it by then, and core writes nothing into it", async () => {
    await using own = await follow();
    await new BlockWriter(nats).write([decisionOf()]);
    await eventually(position).toBe(1);
    const [store, copy] = [join(server.directory, "store"), join(server.directory, "copy")];
    await server.kill();
    await cp(store, copy, { recursive: true });
    await server.start();
    nats = own.use(await server.connect()); // the others find their way back in their own time
    const writer = new BlockWriter(nats, "gateway-3");
    for (let nth = 0; nth < 3; nth += 1) await writer.write([decisionOf()]);
    await eventually(position).toBe(4);
    await server.kill();
    await rm(store, { recursive: true });
    await cp(copy, store, { recursive: true });
    await server.start();
    nats = own.use(await server.connect());
    const reason = { rule: "test.changed", message: "Changed", fix: "" };
    const change = { caller: "tester", action: "change", resource: "it", trace: newTrace(), reason };
    await decisionStore(db).append([changeRecord(change)]);
    const written = async () =>
      writeOwnBlocks({ records: ownRecords(db), chain, mayWrite: () => sameStream(nats, db) });
    const stream = await natsBlockStream({
      connection: nats,
      writer: coreWriter,
      key: testProcessKey,
      timeoutMs: 2_000,
    });
    const chain = new BlockChain({ writer: coreWriter, stream, newId: uuidv7 });
    await expect(written()).rejects.toMatchObject({
      detail: "the audit stream ends at 1, before 4, which was taken in",
    });
    const another = new BlockWriter(nats, "gateway-2");
    for (let nth = 0; nth < 8; nth += 1) await another.write([decisionOf()]);
    await expect(written()).rejects.toMatchObject({
      detail: "the audit stream has another block at 4 than that, which was taken in",
    });
    await eventually(() => told.at(-1)).toMatchObject({
      err: { detail: expect.stringContaining("another block at 4") },
    });
    expect([await position(), await lastBlock(nats)]).toEqual([4, 9]);
  });
});
