import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { createLogger, systemClock } from "@vivified/runtime";
import { layWire } from "@vivified/runtime/nats-fixtures";
import { base64Of } from "@vivified/tlog";
import { memoryLog, someEntries } from "@vivified/tlog/fixtures";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkpointLate } from "../alerts/rules/checkpoint-late.ts";
import { migratedDatabase } from "../database/migrated-database.fixtures.ts";
import { startPostgres, type TestPostgres } from "../postgres.fixtures.ts";
import { advanceLog } from "./advance-log.ts";
import { AuditLog } from "./audit-log.ts";
import { logIdentity } from "./log-identity.ts";
import { diskStorage } from "./log-storage.disk.ts";
import { s3Storage } from "./log-storage.s3.ts";
import type { LogStorage } from "./log-storage.ts";
import { logStore } from "./log-store.postgres.ts";
import { startS3 } from "./s3-server.fixtures.ts";
import { MemoryStorage } from "./storage.fixtures.ts";

const run = promisify(execFile);
const stack = new AsyncDisposableStack();
let postgres: TestPostgres;
beforeAll(async () => {
  postgres = stack.use(await startPostgres());
});
afterAll(() => stack.disposeAsync());

const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const identity = logIdentity(pem, "example.org");
const logger = createLogger({ process: "test", level: "silent" });
const idleTransactionMs = 2_000;

/** A log with so many records waiting, in a database that soon ends transactions which ask nothing. */
async function waitingLog(storage: LogStorage, records: number) {
  const { db } = stack.use(await migratedDatabase({ postgres, idleTransactionMs }));
  const entries = someEntries(records);
  for (let from = 0; from < records; from += 1_000) {
    const some = entries.slice(from, from + 1_000);
    const values = some.map((entry, at) => ({ log_index: String(from + at), entry }));
    await db.insertInto("audit_leaves").values(values).execute();
  }
  await sql`update audit_position set log_size = ${records}`.execute(db);
  const deps = { db, clock: systemClock, identity, storage, intervalMs: 1, maxRecords: 10_000 };
  return { deps, store: logStore(db), root: base64Of(memoryLog(entries).root) };
}

describe("a log whose storage is slow", () => {
  it("is signed although a bucket takes longer than a transaction may be idle", async () => {
    await using server = await startS3();
    const url = new URL(server.settings.url);
    await using wire = await layWire(Number(url.port));
    url.port = String(wire.port);
    const { deps, root } = await waitingLog(s3Storage({ ...server.settings, url: url.href }), 700);
    wire.slow(700);
    const startedMs = performance.now();
    expect(await advanceLog(deps)).toMatchObject({ size: 700, root });
    expect(performance.now() - startedMs).toBeGreaterThan(idleTransactionMs);
  }, 120_000);

  it("is given up when a disk does not answer at all, and holds nothing meanwhile", async () => {
    const root = await mkdtemp(join(tmpdir(), "vivified-log-"));
    stack.defer(() => rm(root, { recursive: true, force: true }));
    const { deps, store } = await waitingLog(diskStorage(root), 3);
    const log = new AuditLog({ ...deps, longestStepMs: 300, logger, signed: () => undefined });
    const pipe = join(root, "tile/entries/000.p/3");
    await mkdir(dirname(pipe), { recursive: true });
    await run("mkfifo", [pipe]); // whoever opens it waits for a writer
    await expect(log.turn()).rejects.toThrow(/did not end within 300 ms/);
    await expect(log.turn()).rejects.toThrow(/storage does not answer/);
    expect(await deps.db.transaction().execute((other) => logStore(other).lock())).toBe(true);
    expect(await checkpointLate({ ...deps, lateMs: 0 }).look()).toHaveLength(1);
    await writeFile(pipe, "");
    await rm(pipe);
    const signed = async () => {
      await log.turn().catch(() => undefined);
      return (await store.newest())?.size;
    };
    await expect.poll(signed, { timeout: 20_000 }).toBe(3);
  }, 60_000);

  it("takes fewer records at a time after a failure, until a storage that fails now and then has them all", async () => {
    const whole = new MemoryStorage();
    const { deps, store, root } = await waitingLog(failing(whole, 25), 5_000);
    const log = new AuditLog({ ...deps, logger, signed: () => undefined });
    let turns = 0;
    while ((await store.newest())?.size !== 5_000 && turns < 200) {
      turns += 1;
      await log.turn().catch(() => undefined);
    }
    expect(await store.newest()).toMatchObject({ size: 5_000, root });
  }, 120_000);
});

/** Fails at every so manyth call. */
function failing({ read, putOnce, replace, remove }: LogStorage, every: number): LogStorage {
  let calls = 0;
  const at = <A extends unknown[], R>(call: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      calls += 1;
      if (calls % every === 0) throw new Error("the storage is not there");
      return call(...args);
    };
  };
  return { read: at(read), putOnce: at(putOnce), replace: at(replace), remove: at(remove) };
}
