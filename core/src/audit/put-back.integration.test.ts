import type { AuditRecord } from "@vivified/contracts";
import { createLogger, type NatsConnection, provisionNats } from "@vivified/runtime";
import { startTestNats } from "@vivified/runtime/nats-fixtures";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../core.fixtures.ts";
import { migratedDatabase } from "../database/migrated-database.fixtures.ts";
import type { Database } from "../database/open-database.ts";
import { startPostgres, type TestPostgres } from "../postgres.fixtures.ts";
import { AuditIngest } from "./audit-ingest.ts";
import { BlockWriter, decisionOf } from "./block.fixtures.ts";

const stack = new AsyncDisposableStack();
let postgres: TestPostgres;
let nats: NatsConnection;
let db: Database["db"];
const logger = createLogger({ process: "test", level: "silent" });

beforeAll(async () => {
  postgres = stack.use(await startPostgres());
});
afterAll(() => stack.disposeAsync());

async function follow(): Promise<AsyncDisposableStack> {
  const own = stack.use(new AsyncDisposableStack());
  const server = own.use(await startTestNats());
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
      await using _own = await follow();
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
});
