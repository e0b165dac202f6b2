import { generateKeyPairSync } from "node:crypto";
import { createLogger, systemClock } from "@vivified/runtime";
import { base64Of } from "@vivified/tlog";
import { memoryLog, someEntries } from "@vivified/tlog/fixtures";
import { type Kysely, sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migratedDatabase } from "../database/migrated-database.fixtures.ts";
import type { Tables } from "../database/tables.ts";
import { startPostgres, type TestPostgres } from "../postgres.fixtures.ts";
import { AuditLog } from "./audit-log.ts";
import { logIdentity } from "./log-identity.ts";
import { logStore } from "./log-store.postgres.ts";
import { MemoryStorage } from "./storage.fixtures.ts";

const stack = new AsyncDisposableStack();
let postgres: TestPostgres;
beforeAll(async () => {
  postgres = stack.use(await startPostgres());
});
afterAll(() => stack.disposeAsync());

const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const identity = logIdentity(pem, "example.org");
const logger = createLogger({ process: "test", level: "silent" });
const entries = someEntries(900);
const others = [...entries.slice(0, 300), ...someEntries(900).slice(300).toReversed()];
const rootAt = (size: number) => base64Of(memoryLog(entries.slice(0, size)).root);

/** As ingest does: gives the entries up to `size` their places. */
async function place(db: Kysely<Tables>, size: number, all = entries): Promise<void> {
  const row = await db.selectFrom("audit_position").select("log_size").executeTakeFirstOrThrow();
  const from = Number(row.log_size);
  const values = all.slice(from, size).map((entry, at) => ({ log_index: String(from + at), entry }));
  await db.insertInto("audit_leaves").values(values).execute();
  await sql`update audit_position set log_size = ${size}`.execute(db);
}

/** A log that was published with 600 records, and a database that knows of 300: as after a failover that lost something. */
async function putBack() {
  const { db } = stack.use(await migratedDatabase({ postgres }));
  const storage = new MemoryStorage();
  const signed: number[] = [];
  const open = () =>
    new AuditLog({
      ...{ db, clock: systemClock, identity, storage, intervalMs: 0, maxRecords: 100, logger },
      signed: ({ size }) => void signed.push(size),
    });
  const log = open();
  for (const size of [300, 600]) {
    await place(db, size);
    await log.turn();
  }
  await sql`delete from log_checkpoints where size > 300`.execute(db);
  await sql`update audit_position set log_size = 300`.execute(db);
  signed.length = 0;
  return { db, storage, log, open, signed, store: logStore(db) };
}

describe("a log whose database was put back", () => {
  it.each(["the core that was there", "another core"])(
    "is not signed by %s where it is filled otherwise",
    async (who) => {
      const { db, store, signed, ...ground } = await putBack();
      const log = who === "another core" ? ground.open() : ground.log;
      for (const size of [320, 600, 900]) {
        await place(db, size, others);
        for (const _ of [1, 2]) await log.turn();
        expect([signed, log.ready, (await store.newest())?.size]).toEqual([[], false, 300]);
      }
    },
  );

  it.each(["the core that was there", "another core"])(
    "goes on by %s once the same records are there again",
    async (who) => {
      const { db, store, ...ground } = await putBack();
      const log = who === "another core" ? ground.open() : ground.log;
      await place(db, 320);
      for (const _ of [1, 2]) await log.turn();
      expect([log.ready, (await store.newest())?.size]).toEqual([false, 300]);
      await place(db, 700);
      for (const _ of [1, 2]) await log.turn();
      expect([log.ready, await store.fault()]).toEqual([true, undefined]);
      expect(await store.newest()).toMatchObject({ size: 700, root: rootAt(700) });
      expect((await store.list(9)).map(({ size }) => size)).toContain(600);
      expect(await db.selectFrom("audit_leaves").selectAll().execute()).toEqual([]);
    },
  );

  it("is told of in the trail, also when another core had the log in hand as it was found", async () => {
    const { db, store, open } = await putBack();
    const told = () => db.selectFrom("decisions").select("rules").where("action", "=", "sign audit log").execute();
    await sql`update log_checkpoints set note = 'another'`.execute(db);
    const log = open();
    await db.transaction().execute(async (other) => {
      await logStore(other).lock();
      await log.turn();
    });
    expect([log.ready, await told()]).toEqual([false, []]);
    for (const _ of [1, 2]) await log.turn();
    expect(await told()).toEqual([{ rules: ["audit.log_inconsistent"] }]);
    expect(await store.fault()).toContain("not ours");
  });
});
