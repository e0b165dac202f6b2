import { generateKeyPairSync } from "node:crypto";
import { appendFile, cp, readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { auditEventsStream, canonicalEventsStream } from "@vivified/contracts";
import { systemClock } from "@vivified/runtime";
import { signNote, splitNote } from "@vivified/tlog";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BlockWriter, decisionOf } from "../audit/block.fixtures.ts";
import { eventually, TestCore, TestGround } from "../core.fixtures.ts";
import { Database } from "../database/open-database.ts";
import { startProgram } from "../process.fixtures.ts";
import { diskStorage, logIdentity } from "../transparency/index.ts";
import { checkRestored } from "./check-restored.ts";
import {
  checkpointOf,
  environmentOf,
  freshGround,
  keeping,
  Load,
  logger,
  restoreOptions,
  rulesIn,
  sizeOf,
  verified,
  vivified,
} from "./drill.fixtures.ts";
import { makeBackup } from "./make-backup.ts";
import { restoreBackup } from "./restore-backup.ts";

const stack = new AsyncDisposableStack();
let ground: TestGround;
let kept: string;
let vkey: string;
/** A checkpoint that somebody outside has from before the backup. */
let held: string;
let written: readonly string[] = [];
/** What the drill saw; printed with `DRILL_FIGURES`. */
const figures: string[] = [];

/** What a disaster leaves: the backup and the keys, which are kept elsewhere. */
beforeAll(async () => {
  ground = stack.use(await TestGround.open());
  kept = ground.directory;
  vkey = logIdentity(await readFile(join(kept, "audit-log.pem"), "utf8"), "vivified.local").vkey;
});
afterAll(async () => {
  if (process.env.DRILL_FIGURES) process.stdout.write(`${figures.join("\n")}\n`);
  await stack.disposeAsync();
});

async function fresh() {
  const there = stack.use(await freshGround(ground));
  const nats = stack.use(await there.nats.connect("installer"));
  return { there, nats, parts: { ...environmentOf(there), ...keeping(there, nats), vkey } };
}

describe("the drill", () => {
  const backup = () => join(kept, "backup");
  let seenLater: string;
  let beforeBackup = 0;

  it("takes a backup under load", async () => {
    await using core = await TestCore.start(ground);
    await using nats = await ground.nats.connect("gateway");
    const load = new Load(nats);
    await eventually(async () => sizeOf(await checkpointOf(core))).toBeGreaterThan(600);
    held = await checkpointOf(core);
    beforeBackup = load.written.length;
    const started = Date.now();
    const manifest = await makeBackup(backup(), {
      ...environmentOf(ground),
      ...keeping(ground, nats),
      clock: systemClock,
    });
    await eventually(() => rulesIn(core, "backup.taken")).toEqual([
      expect.objectContaining({ log_size: expect.stringMatching(/^\d+$/), host: hostname(), user: expect.any(String) }),
    ]);
    figures.push(`backup: ${Date.now() - started} ms, ${manifest.position.log_size} records in rows`);
    written = load.written.slice();
    await load.more(100);
    await load[Symbol.asyncDispose]();
    await eventually(async () => sizeOf(await checkpointOf(core))).toBeGreaterThan(2 * written.length);
    seenLater = await checkpointOf(core);
    expect(manifest.tables.map(({ name }) => name)).toEqual(expect.arrayContaining(["decisions", "log_checkpoints"]));
    await expect(
      makeBackup(backup(), { ...environmentOf(ground), ...keeping(ground, nats), clock: systemClock }),
    ).rejects.toMatchObject({
      code: "conflict",
    });
  });

  it("is a command, too, that ends with 2 and says why when it cannot", async () => {
    const directory = join(kept, "by-command");
    const env = {
      VIVIFIED_BACKUP_TASK: "backup",
      VIVIFIED_BACKUP_DIRECTORY: directory,
      VIVIFIED_BACKUP_DATABASE_URL: ground.env.VIVIFIED_CORE_DATABASE_URL,
      VIVIFIED_BACKUP_NATS_URL: ground.nats.url,
      VIVIFIED_BACKUP_NATS_USER: ground.nats.user,
      VIVIFIED_BACKUP_EVENTS_NATS_USER: ground.nats.user,
      VIVIFIED_BACKUP_NATS_PASSWORD: ground.nats.password,
      VIVIFIED_BACKUP_AUDIT_LOG_DIR: ground.env.VIVIFIED_CORE_AUDIT_LOG_DIR,
    };
    const run = async (changes = {}) => {
      const of = { env: { ...env, ...changes } };
      const program = startProgram(process.execPath, [join(import.meta.dirname, "main.ts")], of);
      await program.succeeded().catch(() => undefined);
      return { code: program.child.exitCode, output: program.output };
    };
    expect(await run({ VIVIFIED_BACKUP_EVENTS_NATS_USER: "events-installer" })).toMatchObject({
      code: 2,
      output: expect.stringContaining("the password of events-installer"),
    });
    expect(await run({ VIVIFIED_BACKUP_AUDIT_LOG_DIR: undefined })).toMatchObject({
      code: 2,
      output: expect.stringContaining("AUDIT_LOG_DIR or AUDIT_LOG_S3_URL"),
    });
    expect(await run()).toMatchObject({ code: 0, output: expect.stringContaining("keys are not in it") });
    expect(await run()).toMatchObject({
      code: 2,
      output: expect.stringContaining("conflict: the directory is not empty"),
    });
  });

  it("loses every server", async () => {
    await ground.postgres.kill();
    await ground.nats.kill();
  });

  it("restores it on servers that hold nothing, by the command, and goes on writing", {
    timeout: 120_000,
  }, async () => {
    const there = stack.use(await freshGround(ground));
    const logDir = there.env.VIVIFIED_CORE_AUDIT_LOG_DIR ?? "";
    const options = ["--log-dir", logDir, ...(await restoreOptions(there, { vkey, held }))];
    const started = Date.now();
    const said = await vivified(ground, "restore", backup(), ...options);
    const [, signed, reachable] = [...said.matchAll(/\d+/g)].slice(-3).map(Number);
    expect(said).toMatch(/restored: \d+ blocks are those of the rows, \d+ records are signed, \d+ can be reached/);
    expect(signed).toBeGreaterThanOrEqual(sizeOf(held));
    await using core = await TestCore.start(there);
    const token = await core.logIn();
    const found = async (id: string) => (await core.ask(`GET /admin/decisions/${id}`, { token })).status;
    const decision = decisionOf();
    await new BlockWriter(stack.use(await there.nats.connect("gateway")), "after").write([decision]);
    await eventually(() => found(decision.decision_id)).toBe(200);
    const [rto, missing] = [Date.now() - started, [] as string[]];
    for (const id of written.slice(-200)) if ((await found(id)) !== 200) missing.push(id);
    figures.push(
      `restore: ${rto} ms until the first new record, ${reachable} records, ${missing.length} of the last 200 missing`,
    );
    for (const id of written.slice(0, beforeBackup).slice(-300)) expect(await found(id)).toBe(200);
    expect(reachable).toBeGreaterThanOrEqual(2 * beforeBackup);
    await eventually(async () => sizeOf(await checkpointOf(core))).toBeGreaterThan(Number(reachable));
    const health = async () => (await core.ask("GET /health")).body;
    await eventually(health).toMatchObject({ ready: true, checks: { audit_log: true, snapshot: true, policy: true } });
    for (const rule of ["audit.log_inconsistent", "audit.chain_broken"]) expect(await rulesIn(core, rule)).toEqual([]);
    expect((await rulesIn(core, "backup.restored")).map(({ reachable }) => reachable)).toEqual([String(reachable)]);
    expect(await rulesIn(core, "backup.taken"), "the backup holds what says that it was taken").toHaveLength(1);
    expect(await verified(core, vkey)).toMatch(/^verified$/m);
  });

  it("holds blocks to the rows from the first that they know on: those before are beyond retention", async () => {
    const { nats, parts } = await fresh();
    const whole = await restoreBackup(backup(), parts);
    await using database = new Database({ url: parts.databaseUrl, logger });
    const forget = (sequence: number) =>
      database.db.deleteFrom("audit_blocks").where("stream_sequence", "=", String(sequence)).execute();
    const { rows } = await sql<{
      at: string;
    }>`select stream_sequence as at from audit_blocks order by 1 limit 4`.execute(database.db);
    const [first = 0, second = 0, , fourth = 0] = rows.map(({ at }) => Number(at));
    for (const sequence of [first, second]) await forget(sequence);
    const check = () => checkRestored({ ...parts, nats });
    expect((await check()).blocks).toBe(whole.blocks - 2);
    await forget(fourth);
    await expect(check()).rejects.toMatchObject({ code: "audit_unavailable" });
    const { streams } = await jetstreamManager(nats);
    await database.db.deleteFrom("audit_blocks").where("stream_sequence", "<", String(fourth)).execute();
    await streams.purge(auditEventsStream.name, { seq: fourth + 2 });
    await expect(check()).rejects.toMatchObject({ detail: expect.stringContaining("not in the stream") });
  });

  it("refuses a backup that does not reach a checkpoint that the world has seen", async () => {
    const { parts } = await fresh();
    const restoring = restoreBackup(backup(), { ...parts, held: seenLater });
    await expect(restoring).rejects.toMatchObject({
      code: "log_inconsistent",
      detail: expect.stringContaining("was seen"),
    });
  });

  it("refuses a checkpoint of somebody else's, and places that hold something", async () => {
    const { there, nats, parts } = await fresh();
    const stranger = held.replace("vivified.local", "elsewhere.local");
    await expect(restoreBackup(backup(), { ...parts, held: stranger })).rejects.toMatchObject({
      code: "log_inconsistent",
    });
    const refused = (detail: string) => ({ code: "conflict", detail: expect.stringContaining(detail) });
    await expect(restoreBackup(backup(), parts)).rejects.toMatchObject(refused("a log lies there"));
    const storage = diskStorage(join(there.directory, "another"));
    const { streams } = await jetstreamManager(nats);
    for (const { name } of [auditEventsStream, canonicalEventsStream]) {
      await expect(restoreBackup(backup(), { ...parts, storage })).rejects.toMatchObject(refused(name));
      await streams.delete(name);
    }
    await expect(restoreBackup(backup(), { ...parts, storage })).rejects.toMatchObject(refused("database"));
    expect(await storage.read("checkpoint"), "nothing is put before all places are empty").toBeUndefined();
  });

  it("is held to checkpoints of the log's next key by both public keys", async () => {
    const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const next = logIdentity(pem, "vivified.local");
    const seen = { vkey: next.vkey, held: signNote(splitNote(held)?.text ?? "", next.signer) };
    const unknown = restoreBackup(backup(), { ...(await fresh()).parts, ...seen });
    await expect(unknown).rejects.toMatchObject({ code: "log_inconsistent", detail: expect.stringContaining("ours") });
    const restored = await restoreBackup(backup(), { ...(await fresh()).parts, ...seen, oldVkey: vkey });
    expect(restored.signed).toBeGreaterThanOrEqual(sizeOf(held));
  });

  it("refuses a backup with a byte too many, or without a file, before it restores anything", async () => {
    const { nats, parts } = await fresh();
    const altered = join(kept, "altered");
    await cp(backup(), altered, { recursive: true });
    await appendFile(join(altered, "database", "decisions.copy"), "x");
    const restoring = (from: string) => restoreBackup(from, parts);
    await expect(restoring(altered)).rejects.toMatchObject({
      code: "malformed",
      detail: expect.stringContaining("altered"),
    });
    await rm(altered, { recursive: true });
    await cp(backup(), altered, { recursive: true });
    await appendFile(join(altered, "log", "tile", "entries", "000"), "x");
    await expect(restoring(altered)).rejects.toMatchObject({
      detail: "log/tile/entries/000 of the backup was altered",
    });
    await rm(join(altered, "log", "tile", "entries", "000"));
    await expect(restoring(altered)).rejects.toMatchObject({ detail: "log/tile/entries/000 of the backup is missing" });
    await writeFile(join(altered, "manifest.json"), '{"version":1}');
    await expect(restoring(altered)).rejects.toMatchObject({ code: "malformed" });
    const { streams } = await jetstreamManager(nats);
    await expect(streams.info(auditEventsStream.name)).rejects.toThrow();
  });
});
