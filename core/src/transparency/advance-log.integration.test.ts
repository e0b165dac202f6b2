import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@vivified/runtime";
import { base64Of, parseTilePath } from "@vivified/tlog";
import { memoryLog, someEntries } from "@vivified/tlog/fixtures";
import { askOutside, writeLog } from "@vivified/tlog/outside-fixtures";
import { type Kysely, sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migratedDatabase } from "../database/migrated-database.fixtures.ts";
import type { Tables } from "../database/tables.ts";
import { startPostgres, type TestPostgres } from "../postgres.fixtures.ts";
import { type AdvanceDeps, advanceLog } from "./advance-log.ts";
import { AuditLog } from "./audit-log.ts";
import { logIdentity } from "./log-identity.ts";
import { s3Storage } from "./log-storage.s3.ts";
import type { LogStorage } from "./log-storage.ts";
import { logStore } from "./log-store.postgres.ts";
import { publishCheckpoint } from "./publish-checkpoint.ts";
import { readTileFile } from "./read-tile-file.ts";
import { startS3 } from "./s3-server.fixtures.ts";
import { MemoryStorage } from "./storage.fixtures.ts";

const stack = new AsyncDisposableStack();
let postgres: TestPostgres;
beforeAll(async () => {
  postgres = stack.use(await startPostgres());
});
afterAll(() => stack.disposeAsync());

const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const identity = logIdentity(pem, "example.org");
const entries = someEntries(700);
const logger = createLogger({ process: "test", level: "silent" });

/** An empty log in a database of its own, with a clock that the test moves. */
async function newLog(storage: LogStorage) {
  const { db } = stack.use(await migratedDatabase({ postgres }));
  let now = Date.now();
  const clock = { now: () => new Date(now), monotonicMs: () => now };
  const deps: AdvanceDeps = { db, clock, identity, storage, intervalMs: 60_000, maxRecords: 100 };
  const pass = (ms: number) => {
    now += ms;
  };
  return { db, deps, pass, store: logStore(db) };
}

/** As ingest does: gives the entries up to `size` their places. */
async function place(db: Kysely<Tables>, size: number, all: readonly string[] = entries): Promise<void> {
  const [row] = (await sql<{ log_size: string }>`select log_size from audit_position`.execute(db)).rows;
  const from = Number(row?.log_size);
  const values = all.slice(from, size).map((entry, at) => ({ log_index: String(from + at), entry }));
  await db.insertInto("audit_leaves").values(values).execute();
  await sql`update audit_position set log_size = ${size}`.execute(db);
}

const rootAt = (size: number) => base64Of(memoryLog(entries.slice(0, size)).root);
const leavesLeft = async (db: Kysely<Tables>) =>
  (await db.selectFrom("audit_leaves").select("log_index").execute()).length;

describe("a checkpoint", () => {
  it("is signed at once for the first record, then when one has waited for the interval, and not before", async () => {
    const { db, deps, pass } = await newLog(new MemoryStorage());
    expect(await advanceLog(deps)).toBeUndefined();
    await place(db, 1);
    expect(await advanceLog(deps)).toMatchObject({ size: 1, root: rootAt(1) });
    await place(db, 50);
    pass(59_999);
    expect(await advanceLog(deps)).toBeUndefined();
    pass(1);
    expect(await advanceLog(deps)).toMatchObject({ size: 50, root: rootAt(50) });
    expect(await leavesLeft(db)).toBe(0);
    pass(600_000);
    expect(await advanceLog(deps)).toBeUndefined();
  });

  it("takes in no more than the most, and as many are not made to wait", async () => {
    const { db, deps } = await newLog(new MemoryStorage());
    await place(db, 1);
    await advanceLog(deps);
    await place(db, 250);
    expect(await advanceLog(deps)).toMatchObject({ size: 101 });
    expect(await advanceLog(deps)).toMatchObject({ size: 201, root: rootAt(201) });
    expect(await advanceLog(deps)).toBeUndefined();
    expect(await leavesLeft(db)).toBe(49);
  });

  it("is signed though the clock was put back", async () => {
    const { db, deps, pass } = await newLog(new MemoryStorage());
    await place(db, 1);
    await advanceLog(deps);
    await place(db, 2);
    pass(-3_600_000);
    expect(await advanceLog(deps)).toMatchObject({ size: 2 });
  });

  it("is signed by one core where two are at it", async () => {
    const storage = new MemoryStorage();
    const { db, deps, store } = await newLog(storage);
    await place(db, 1);
    const ends = await Promise.all([0, 1, 2].map(() => advanceLog(deps)));
    expect(ends.filter((end) => end !== undefined)).toHaveLength(1);
    expect(await store.list(10)).toHaveLength(1);
  });

  it("is the same whenever the storage died on the way, and the leaves stay until it is kept", async () => {
    const quiet = new MemoryStorage();
    const wanted = await newLog(quiet);
    await place(wanted.db, 90);
    await advanceLog(wanted.deps);
    await place(wanted.db, 300);
    const before = quiet.calls;
    const signed = await advanceLog(wanted.deps);
    for (let at = before + 1; at <= quiet.calls; at += 3) {
      const storage = new MemoryStorage();
      const { db, deps, store } = await newLog(storage);
      await place(db, 90);
      await advanceLog(deps);
      await place(db, 300);
      storage.dies = { at, after: at % 2 === 0 };
      await expect(advanceLog(deps)).rejects.toThrow("the storage died");
      expect([(await store.newest())?.size, await leavesLeft(db)]).toEqual([90, 210]);
      expect(await advanceLog(deps)).toMatchObject({ note: signed?.note });
      expect(storage.files).toEqual(quiet.files);
    }
  });

  it.each([
    ["is missing", sql`delete from audit_leaves where log_index = 7`],
    ["at the end is missing", sql`delete from audit_leaves where log_index = 9`],
  ])("is not signed when a leaf %s", async (_, damage) => {
    const { db, deps } = await newLog(new MemoryStorage());
    await place(db, 10);
    await damage.execute(db);
    await expect(advanceLog(deps)).rejects.toMatchObject({ code: "log_inconsistent" });
  });

  it("is not signed when the log is filled less far than it was signed", async () => {
    const { db, deps } = await newLog(new MemoryStorage());
    await place(db, 10);
    await advanceLog(deps);
    await sql`update audit_position set log_size = 9`.execute(db);
    await expect(advanceLog(deps)).rejects.toMatchObject({ code: "log_inconsistent" });
  });
});

describe("publishing", () => {
  it("is done again after the storage died, and leaves what is right alone", async () => {
    const storage = new MemoryStorage();
    const { db, deps } = await newLog(storage);
    await place(db, 5);
    const signed = await advanceLog(deps);
    storage.dies = { at: storage.calls + 2, after: false };
    await expect(publishCheckpoint(deps)).rejects.toThrow("the storage died");
    expect(storage.files.has("checkpoint")).toBe(false);
    expect(await publishCheckpoint(deps)).toBe(signed?.note);
    const calls = storage.calls;
    await publishCheckpoint(deps);
    expect(storage.calls).toBe(calls + 1);
  });

  it("refuses when a checkpoint lies there that was signed for other records", async () => {
    const storage = new MemoryStorage();
    const [one, other] = [await newLog(storage), await newLog(new MemoryStorage())];
    await place(one.db, 5);
    await advanceLog(one.deps);
    await publishCheckpoint(one.deps);
    await place(other.db, 5, someEntries(5).toReversed());
    await advanceLog(other.deps);
    const mixed = publishCheckpoint({ ...other.deps, storage });
    await expect(mixed).rejects.toMatchObject({ code: "log_inconsistent" });
  });
});

describe("the log as core drives it", () => {
  const driven = (deps: AdvanceDeps) => new AuditLog({ ...deps, logger, signed: () => undefined });

  it("goes on when the storage comes back, and was no reason to be unready meanwhile", async () => {
    const storage = new MemoryStorage();
    const { db, deps, store } = await newLog(storage);
    const log = driven(deps);
    await place(db, 5);
    storage.dies = { at: 1, after: false };
    await expect(log.turn()).rejects.toThrow("the storage died");
    expect([log.ready, await store.newest()]).toEqual([true, undefined]);
    await log.turn();
    expect(await store.newest()).toMatchObject({ size: 5 });
  });

  it("publishes a cosignature that comes while it is publishing", async () => {
    const storage = new MemoryStorage();
    const { db, deps, store } = await newLog(storage);
    await place(db, 5);
    let late: (() => Promise<void>) | undefined = async () => {
      late = undefined;
      await store.addCosignature({ size: 5, witness: "w", line: "— w AAAAAAA=\n" }, new Date());
      log.republish();
    };
    const replace = async (path: string, bytes: Uint8Array) => {
      await late?.();
      await storage.replace(path, bytes);
    };
    const { read, putOnce, remove } = storage;
    const log = driven({ ...deps, storage: { read, putOnce, remove, replace } });
    await log.turn();
    await log.turn();
    expect(Buffer.from(storage.files.get("checkpoint") ?? []).toString()).toMatch(/\n— w AAAAAAA=\n$/);
  });

  it("is not ready while tiles are altered, says so once, and is again when they are right", async () => {
    const storage = new MemoryStorage();
    const { db, deps, store } = await newLog(storage);
    await place(db, 5);
    await driven(deps).turn();
    const whole = storage.files.get("tile/0/000.p/5") ?? Buffer.alloc(0);
    storage.files.set("tile/0/000.p/5", Buffer.from(whole).fill(0));
    const log = driven(deps);
    for (const _ of [1, 2]) await log.turn();
    expect([log.ready, await store.fault()]).toEqual([false, expect.stringContaining("another root")]);
    const told = db.selectFrom("decisions").select("rules").where("action", "=", "sign audit log");
    expect(await told.execute()).toEqual([{ rules: ["audit.log_inconsistent"] }]);
    storage.files.set("tile/0/000.p/5", whole);
    await log.turn();
    expect([log.ready, await store.fault()]).toEqual([true, undefined]);
  });
});

describe("partial tiles", () => {
  /** Lets a log grow checkpoint by checkpoint, as the worker does; gives what lay on the storage at each of them. */
  async function grown(storage: MemoryStorage, sizes: readonly number[]) {
    const { db, deps, pass } = await newLog(storage);
    const log = new AuditLog({ ...deps, maxRecords: 1_000, logger, signed: () => undefined });
    const seen = new Map<string, Uint8Array>();
    for (const size of sizes) {
      await place(db, size);
      pass(60_000);
      await log.turn();
      for (const [path, bytes] of storage.files) seen.set(path, bytes);
    }
    return { seen, log };
  }

  it("go once the full one is there, and are still read as they were", async () => {
    const storage = new MemoryStorage();
    const { seen } = await grown(storage, [10, 200, 256, 257, 500, 600, 700]);
    expect([...storage.files.keys()].filter((path) => path.includes(".p/")).toSorted()).toEqual([
      "tile/0/002.p/188",
      "tile/0/002.p/88",
      "tile/1/000.p/1",
      "tile/1/000.p/2",
      "tile/entries/002.p/188",
      "tile/entries/002.p/88",
    ]);
    const gone = [...seen].filter(([path]) => !storage.files.has(path));
    expect(gone).toHaveLength(8);
    for (const [path, bytes] of gone) {
      const file = parseTilePath(path);
      expect(file && Buffer.from((await readTileFile(file, storage)) ?? []), path).toEqual(bytes);
    }
  });

  it("may stay when the storage dies over them: the log goes on", async () => {
    const quiet = new MemoryStorage();
    await grown(quiet, [10, 300]);
    const storage = new MemoryStorage();
    storage.dies = { at: quiet.calls, after: false };
    await expect(grown(storage, [10, 300])).rejects.toThrow("the storage died");
    expect(storage.files.has("checkpoint")).toBe(true);
    expect(storage.files.size).toBe(quiet.files.size + 1);
  });
});

describe("a log on S3", () => {
  it("is accepted by Go's sumdb and torchwood", async () => {
    await using server = await startS3();
    await using folder = new AsyncDisposableStack();
    const directory = await mkdtemp(join(tmpdir(), "vivified-from-s3-"));
    folder.defer(() => rm(directory, { recursive: true, force: true }));
    const storage = s3Storage(server.settings);
    const { db, deps, pass } = await newLog(storage);
    for (const size of [1, 255, 256, 700]) {
      await place(db, size);
      pass(60_000);
      await advanceLog({ ...deps, maxRecords: 1_000 });
    }
    await publishCheckpoint(deps);
    const paths = ["checkpoint", ...memoryLog(entries).files.keys()];
    const files = await Promise.all(paths.map(async (path) => [path, (await storage.read(path)) ?? ""] as const));
    await writeLog(directory, new Map(files));
    expect(await askOutside("check", directory, identity.vkey, `255:${rootAt(255)}`)).toEqual({
      ok: true,
      says: `ok 700 ${rootAt(700)}`,
    });
  });
});
