import { appendFile, cp, readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { auditEventsStream, canonicalEventsStream } from "@vivified/contracts";
import { createLogger, systemClock, writeSvid } from "@vivified/runtime";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BlockWriter, decisionOf, outcomeOf } from "../audit/block.fixtures.ts";
import { adminPassword, eventually, TestCore, TestGround } from "../core.fixtures.ts";
import { backupLock } from "../database/backup-lock.ts";
import { Database } from "../database/open-database.ts";
import { startProgram } from "../process.fixtures.ts";
import { logIdentity } from "../transparency/index.ts";
import { checkRestored } from "./check-restored.ts";
import { makeBackup } from "./make-backup.ts";
import { restoreBackup } from "./restore-backup.ts";
import type { StreamKeeper } from "./stream-snapshot.ts";

const stack = new AsyncDisposableStack();
const logger = createLogger({ process: "test", level: "silent" });
const keys = [
  ...["snapshot.pem", "token.pem", "audit-log.pem", "process.pem", "process-keys.json"],
  ...["policy-keys.json", "bundle.tar.gz"],
];
let ground: TestGround;
let kept: string;
let vkey: string;
/** A checkpoint that somebody outside has from before the backup. */
let held: string;
const written: string[] = [];
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

const environmentOf = (there: TestGround) => ({
  databaseUrl: there.env.VIVIFIED_CORE_DATABASE_URL ?? "",
  logDir: there.env.VIVIFIED_CORE_AUDIT_LOG_DIR ?? "",
  processKeysFile: there.env.VIVIFIED_CORE_PROCESS_KEYS_FILE ?? "",
  logger,
});

/** The NATS of tests has one account, and one user. */
const keeping = (nats: StreamKeeper["nats"]) => {
  const keeper = { nats, user: ground.nats.user };
  return { trail: keeper, events: keeper };
};

/** Servers that hold nothing, and the keys. */
async function freshGround(): Promise<{ fresh: TestGround; nats: Awaited<ReturnType<TestGround["nats"]["connect"]>> }> {
  const fresh = stack.use(await TestGround.open());
  for (const key of keys) await cp(join(kept, key), join(fresh.directory, key));
  const named = await fresh.authority.issue("spiffe://vivified.local/core", { dnsNames: ["localhost"] });
  await writeSvid(join(fresh.directory, "state"), named);
  const nats = stack.use(await fresh.nats.connect("installer"));
  const { streams } = await jetstreamManager(nats);
  for (const { name } of [auditEventsStream, canonicalEventsStream]) await streams.delete(name);
  return { fresh, nats };
}

/** The command of people; gives what it said. The NATS of tests has one user. */
async function vivified(...args: string[]): Promise<string> {
  const { user } = ground.nats;
  const env = { ...process.env, VIVIFIED_BACKUP_NATS_USER: user, VIVIFIED_BACKUP_EVENTS_NATS_USER: user };
  const program = startProgram(process.execPath, [join(import.meta.dirname, "../../../cli/src/main.ts"), ...args], {
    env,
  });
  await program.succeeded();
  return program.output;
}

async function restoreOptions(fresh: TestGround): Promise<string[]> {
  const kept = async (name: string, text: string) => {
    const path = join(fresh.directory, name);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  };
  const { databaseUrl, logDir, processKeysFile } = environmentOf(fresh);
  return [
    ...["--database-url-file", await kept("database-url", databaseUrl), "--nats-url", fresh.nats.url],
    ...["--nats-password-file", await kept("nats-password", fresh.nats.password), "--log-dir", logDir],
    ...["--process-keys", processKeysFile],
    ...["--vkey", await kept("log.vkey", vkey), "--checkpoint", await kept("held-checkpoint", held)],
  ];
}

/** What an auditor does afterwards: export all of it, and verify that with the key alone. */
async function verifiesOffline(core: TestCore): Promise<void> {
  const at = (name: string) => join(core.ground.directory, name);
  await writeFile(at("ca.pem"), core.ground.authority.bundlePem);
  await writeFile(at("password"), adminPassword, { mode: 0o600 });
  const url = core.publicUrl.replace("127.0.0.1", "localhost");
  const login = ["--url", url, "--ca", at("ca.pem"), "--user", "admin", "--password-file", at("password")];
  await vivified("audit", "export", "--format", "bundle", "-o", at("trail.tar.gz"), ...login);
  const seen = ["--key", vkey, "--checkpoint", at("held-checkpoint")];
  expect(await vivified("audit", "verify", at("trail.tar.gz"), ...seen)).toMatch(/^verified$/m);
}

/** Labels of the records of a rule. */
async function rulesIn(core: TestCore, rule: string): Promise<readonly Record<string, string>[]> {
  const token = await core.logIn();
  const { body } = await core.ask(`GET /admin/decisions?rule=${rule}`, { token });
  const ids: string[] = body.decisions.map(({ decision_id }: { decision_id: string }) => decision_id);
  return Promise.all(ids.map(async (id) => (await core.ask(`GET /admin/decisions/${id}`, { token })).body.labels));
}

const checkpointOf = async (core: TestCore): Promise<string> =>
  (await core.ask("GET /admin/audit/log/checkpoint", { token: await core.logIn() })).body;
const sizeOf = (checkpoint: string): number => Number(checkpoint.split("\n")[1] ?? 0);

describe("the drill", () => {
  const backup = () => join(kept, "backup");
  let seenLater: string;
  let beforeBackup = 0;

  it("takes a backup under load", async () => {
    await using core = await TestCore.start(ground);
    await using nats = await ground.nats.connect("gateway");
    let loading = true;
    const load = async () => {
      const writer = new BlockWriter(nats, "loading");
      while (loading) {
        const decision = decisionOf();
        await writer.write([decision, outcomeOf(decision)]);
        written.push(decision.decision_id);
      }
    };
    const running = load();
    await eventually(async () => sizeOf(await checkpointOf(core))).toBeGreaterThan(600);
    held = await checkpointOf(core);
    beforeBackup = written.length;
    const started = Date.now();
    const manifest = await makeBackup(backup(), { ...environmentOf(ground), ...keeping(nats), clock: systemClock });
    await eventually(() => rulesIn(core, "backup.taken")).toEqual([
      expect.objectContaining({ log_size: expect.stringMatching(/^\d+$/), host: hostname(), user: expect.any(String) }),
    ]);
    figures.push(`backup: ${Date.now() - started} ms, ${manifest.position.log_size} records in rows`);
    const atBackup = written.length;
    await eventually(() => written.length).toBeGreaterThan(atBackup + 100);
    loading = false;
    await running;
    await eventually(async () => sizeOf(await checkpointOf(core))).toBeGreaterThan(2 * atBackup);
    seenLater = await checkpointOf(core);
    written.length = atBackup;
    expect(manifest.tables.map(({ name }) => name)).toEqual(expect.arrayContaining(["decisions", "log_checkpoints"]));
    await expect(
      makeBackup(backup(), { ...environmentOf(ground), ...keeping(nats), clock: systemClock }),
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
    expect(await run()).toMatchObject({ code: 0, output: expect.stringContaining("keys are not in it") });
    expect(JSON.parse(await readFile(join(directory, "manifest.json"), "utf8"))).toMatchObject({ log_files: false });
    expect(await run()).toMatchObject({
      code: 2,
      output: expect.stringContaining("conflict: the directory is not empty"),
    });
  });

  it("and retention wait for each other: no block leaves the stream between the copies of rows and stream", async () => {
    await using nats = await ground.nats.connect("installer");
    await using database = new Database({ url: environmentOf(ground).databaseUrl, logger });
    const making = await database.db.transaction().execute(async (purging) => {
      await sql`select pg_advisory_xact_lock(hashtext(${backupLock}))`.execute(purging);
      const made = makeBackup(join(kept, "waiting"), {
        ...environmentOf(ground),
        ...keeping(nats),
        clock: systemClock,
      });
      made.catch(() => undefined);
      const waiting = async () =>
        (await sql`select from pg_locks where locktype = 'advisory' and not granted`.execute(database.db)).rows.length;
      await eventually(waiting).toBe(1);
      return { made };
    });
    expect((await making.made).log_files).toBe(true);
  });

  it("loses every server", async () => {
    await ground.postgres.kill();
    await ground.nats.kill();
  });

  it("restores it on servers that hold nothing, by the command, and goes on writing", {
    timeout: 120_000,
  }, async () => {
    const { fresh } = await freshGround();
    const started = Date.now();
    const said = await vivified("restore", backup(), ...(await restoreOptions(fresh)));
    const [, signed, reachable] = [...said.matchAll(/\d+/g)].slice(-3).map(Number);
    expect(said).toMatch(/restored: \d+ blocks are those of the rows, \d+ records are signed, \d+ can be reached/);
    expect(signed).toBeGreaterThanOrEqual(sizeOf(held));
    await using core = await TestCore.start(fresh);
    const token = await core.logIn();
    const found = async (id: string) => (await core.ask(`GET /admin/decisions/${id}`, { token })).status;
    const decision = decisionOf();
    await new BlockWriter(stack.use(await fresh.nats.connect("gateway")), "after").write([decision]);
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
    await verifiesOffline(core);
  });

  it("holds blocks to the rows from the first that they know on: those before are beyond retention", async () => {
    const { fresh, nats } = await freshGround();
    const parts = { ...environmentOf(fresh), ...keeping(nats), nats, vkey };
    const whole = await restoreBackup(backup(), parts);
    await using database = new Database({ url: parts.databaseUrl, logger });
    const forget = (sequence: number) =>
      database.db.deleteFrom("audit_blocks").where("stream_sequence", "=", String(sequence)).execute();
    const { rows } = await sql<{
      at: string;
    }>`select stream_sequence as at from audit_blocks order by 1 limit 4`.execute(database.db);
    const [first = 0, second = 0, , fourth = 0] = rows.map(({ at }) => Number(at));
    for (const sequence of [first, second]) await forget(sequence);
    expect((await checkRestored(parts)).blocks).toBe(whole.blocks - 2);
    await forget(fourth);
    await expect(checkRestored(parts)).rejects.toMatchObject({ code: "audit_unavailable" });
    const { streams } = await jetstreamManager(nats);
    await database.db.deleteFrom("audit_blocks").where("stream_sequence", "<", String(fourth)).execute();
    await streams.purge(auditEventsStream.name, { seq: fourth + 2 });
    await expect(checkRestored(parts)).rejects.toMatchObject({ detail: expect.stringContaining("not in the stream") });
  });

  it("refuses a backup that does not reach a checkpoint that the world has seen", async () => {
    const { fresh, nats } = await freshGround();
    const restoring = restoreBackup(backup(), { ...environmentOf(fresh), ...keeping(nats), vkey, held: seenLater });
    await expect(restoring).rejects.toMatchObject({
      code: "log_inconsistent",
      detail: expect.stringContaining("was seen"),
    });
  });

  it("refuses to compare a checkpoint with a log that is not in the backup", async () => {
    const { fresh, nats } = await freshGround();
    const without = join(kept, "without-log");
    await cp(backup(), without, { recursive: true });
    const manifest = JSON.parse(await readFile(join(without, "manifest.json"), "utf8"));
    await writeFile(join(without, "manifest.json"), JSON.stringify({ ...manifest, log_files: false }));
    const restoring = restoreBackup(without, { ...environmentOf(fresh), ...keeping(nats), vkey, held });
    await expect(restoring).rejects.toMatchObject({ code: "conflict", detail: expect.stringContaining("no files") });
  });

  it("refuses a checkpoint of somebody else's, and a database that holds something", async () => {
    const { fresh, nats } = await freshGround();
    const stranger = held.replace("vivified.local", "elsewhere.local");
    const restoring = () =>
      restoreBackup(backup(), { ...environmentOf(fresh), ...keeping(nats), vkey, held: stranger });
    await expect(restoring()).rejects.toMatchObject({ code: "log_inconsistent" });
    const logDir = join(fresh.directory, "another");
    await expect(
      restoreBackup(backup(), { ...environmentOf(fresh), logDir, ...keeping(nats), vkey }),
    ).rejects.toMatchObject({
      code: "conflict",
    });
  });

  it("refuses a backup with a byte too many, or without a file, before it restores anything", async () => {
    const { fresh, nats } = await freshGround();
    const altered = join(kept, "altered");
    await cp(backup(), altered, { recursive: true });
    await appendFile(join(altered, "database", "decisions.copy"), "x");
    const restoring = (from: string) => restoreBackup(from, { ...environmentOf(fresh), ...keeping(nats), vkey });
    await expect(restoring(altered)).rejects.toMatchObject({
      code: "malformed",
      detail: expect.stringContaining("altered"),
    });
    await writeFile(join(altered, "manifest.json"), '{"version":1}');
    await expect(restoring(altered)).rejects.toMatchObject({ code: "malformed" });
    const { streams } = await jetstreamManager(nats);
    await expect(streams.info(auditEventsStream.name)).rejects.toThrow();
  });
});
