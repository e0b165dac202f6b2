import type { AuditRecord } from "@vivified/contracts";
import type { NatsConnection } from "@vivified/runtime";
import { mountSmallDisk, type SmallDisk } from "@vivified/runtime/nats-fixtures";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestCore, TestGround } from "../core.fixtures.ts";
import { openCoreSuite } from "../core-suite.fixtures.ts";
import { BlockWriter, decisionOf, outcomeOf } from "./block.fixtures.ts";

const stack = new AsyncDisposableStack();
let disk: SmallDisk;
let ground: TestGround;
let core: TestCore;
let nats: NatsConnection;

beforeAll(async () => {
  disk = stack.use(await mountSmallDisk(256));
  ({ ground, core, nats } = stack.use(await openCoreSuite({ postgres: { below: disk.directory } })));
}, 120_000);
afterAll(() => stack.disposeAsync());

const patient = { timeout: 60_000 };

/** Asks PostgreSQL itself, past core. */
async function rows(text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: ground.env.VIVIFIED_CORE_DATABASE_URL });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return (await client.query(text)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

const failureOf = (text: string): Promise<string> =>
  rows(text).then(
    () => "none",
    (error: { code?: string }) => error.code ?? "cut off",
  );

/** Takes all room there is; what WAL may still be written goes into segments that are there already. */
async function fillDisk(): Promise<void> {
  await rows("create table if not exists probe (text text)");
  await rows("checkpoint");
  await disk.fill(0);
  await expect.poll(() => failureOf(probe), patient).toBe(diskFull);
}
const diskFull = "53100";
const probe = "insert into probe select repeat(md5(n::text), 40) from generate_series(1, 1000) n";

/** Records that are durable for their lanes: as many as find no room in a database whose disk is full. */
async function write(caller: string): Promise<readonly AuditRecord[]> {
  const writer = new BlockWriter(nats, caller);
  const written: AuditRecord[] = [];
  for (let block = 0; block < 20; block += 1) {
    const decisions = Array.from({ length: 50 }, () => decisionOf({ caller, labels: { note: "n".repeat(1_000) } }));
    const records = decisions.flatMap((decision) => [decision, outcomeOf(decision)]);
    await writer.write(records);
    written.push(...records);
  }
  return written;
}

const idsIn = async (table: string, caller: string): Promise<readonly unknown[]> => {
  const of = `select d.decision_id from ${table} d where d.decision_id in (select decision_id from decisions where caller = '${caller}')`;
  return (await rows(of)).map((row) => row.decision_id).sort();
};

/** All of it is there, once, with its outcome and a place of its own, and no block was at fault. */
async function expectWhole(caller: string, written: readonly AuditRecord[]): Promise<void> {
  const ids = written.filter(({ kind }) => kind === "decision").map(({ decision_id }) => decision_id);
  await expect.poll(async () => (await idsIn("decision_outcomes", caller)).length, patient).toBe(ids.length);
  expect(await idsIn("decisions", caller)).toEqual(ids.sort());
  expect(await idsIn("decision_outcomes", caller)).toEqual(ids);
  expect(await rows("select 1 from audit_blocks where fault is not null")).toEqual([]);
  await expect.poll(async () => (await core.ask("GET /health")).status, patient).toBe(200);
}

/** PostgreSQL ends its sessions, recovers, or is gone since recovery found no room either. */
const panicked = /^(57P0[23]|ECONN|cut off)/;

describe("ingest, PostgreSQL's disk full", () => {
  it("waits, holds up no lane, and goes on by itself with room: nothing lost, nothing doubled", async () => {
    await fillDisk();
    const written = await write("without-room"); // resolves once each is in the stream: what lanes wait for
    expect((await core.ask("GET /health")).body).toMatchObject({ live: true });
    expect(await failureOf(probe)).toBe(diskFull);
    expect((await idsIn("decision_outcomes", "without-room")).length).toBeLessThan(written.length / 2);
    await disk.clear();
    await expectWhole("without-room", written);
  }, 180_000);

  it("waits when PostgreSQL panics, and goes on when it was started again", async () => {
    await fillDisk();
    const message = "select pg_logical_emit_message(true, 'full', repeat('x', 700000))";
    await expect.poll(() => failureOf(message), { ...patient, interval: 10 }).toMatch(panicked);
    const written = await write("panicked");
    await disk.clear();
    await ground.postgres.kill();
    await ground.postgres.start();
    await expectWhole("panicked", written);
  }, 180_000);
});
