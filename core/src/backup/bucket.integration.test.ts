import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "@vivified/runtime";
import { bundlePath, newBundles, newTiles, tilePath } from "@vivified/tlog";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BlockWriter, decisionOf } from "../audit/block.fixtures.ts";
import { eventually, TestCore, TestGround } from "../core.fixtures.ts";
import { type LogStorage, logIdentity } from "../transparency/index.ts";
import { s3Storage } from "../transparency/log-storage.s3.ts";
import { startS3, type TestS3 } from "../transparency/s3-server.fixtures.ts";
import {
  checkpointOf,
  environmentOf,
  freshGround,
  keeping,
  Load,
  restoreOptions,
  rulesIn,
  sizeOf,
  verified,
  vivified,
} from "./drill.fixtures.ts";
import { logList } from "./log-list.ts";
import { makeBackup } from "./make-backup.ts";

const stack = new AsyncDisposableStack();
let server: TestS3;
let ground: TestGround;
let vkey: string;
/** A checkpoint that somebody outside has from before the backup. */
let held: string;

beforeAll(async () => {
  server = stack.use(await startS3());
  ground = stack.use(await TestGround.open());
  keepInBucket(ground, "lost");
  vkey = logIdentity(await readFile(join(ground.directory, "audit-log.pem"), "utf8"), "vivified.local").vkey;
});
afterAll(() => stack.disposeAsync());

const bucketOf = (place: string) => ({ ...server.settings, url: `${server.settings.url}/${place}` });
const backupIn = (name: string) => join(ground.directory, name);

function keepInBucket({ env }: TestGround, place: string): void {
  delete env.VIVIFIED_CORE_AUDIT_LOG_DIR;
  const { url, accessKeyId, secretAccessKey } = bucketOf(place);
  env.VIVIFIED_CORE_AUDIT_LOG_S3_URL = url;
  env.VIVIFIED_CORE_AUDIT_LOG_S3_ACCESS_KEY_ID = accessKeyId;
  env.VIVIFIED_CORE_AUDIT_LOG_S3_SECRET_ACCESS_KEY = secretAccessKey.reveal();
}

/** The command of people, with the options of a bucket. */
async function restored(onto: TestGround, place: string): Promise<string> {
  const { url, accessKeyId, secretAccessKey } = bucketOf(place);
  const secret = join(onto.directory, "s3-secret");
  await writeFile(secret, secretAccessKey.reveal(), { mode: 0o600 });
  const bucket = ["--log-s3-url", url, "--log-s3-access-key-id", accessKeyId, "--log-s3-secret-file", secret];
  return vivified(onto, "restore", backupIn("backup"), ...bucket, ...(await restoreOptions(onto, { vkey, held })));
}

/** A storage that gives nothing before something has happened. */
const afterwards = (storage: LogStorage, happened: () => Promise<void>): Pick<LogStorage, "read"> => {
  let waited: Promise<void> | undefined;
  return {
    read: async (path) => {
      waited ??= happened();
      await waited;
      return storage.read(path);
    },
  };
};

describe("a log that lies in a bucket, and goes on while it is copied", () => {
  /** How far the log had gone when it was copied: records that no backup has. */
  let lost = 0;

  it("is copied as the rows know it, and nothing that is newer", async () => {
    await using core = await TestCore.start(ground);
    await using nats = await ground.nats.connect("gateway");
    await using load = new Load(nats);
    const size = async () => sizeOf(await checkpointOf(core));
    await eventually(size).toBeGreaterThan(600);
    held = await checkpointOf(core);
    const grown = async () => {
      const before = await size();
      await load.more(600);
      await eventually(size).toBeGreaterThan(before + 1_000);
    };
    const storage = afterwards(s3Storage(bucketOf("lost")), grown);
    const parts = { ...environmentOf(ground), ...keeping(ground, nats), storage, clock: systemClock };
    const { checkpoint } = await makeBackup(backupIn("backup"), parts);
    const list = await readFile(join(backupIn("backup"), logList), "utf8");
    const copied = [...list.matchAll(/ {2}log\/(tile\/.+)$/gm)].map(([, path]) => path);
    const signed = sizeOf(checkpoint);
    expect(copied.toSorted()).toEqual(
      [...newTiles(0, signed).map(tilePath), ...newBundles(0, signed).map(bundlePath)].toSorted(),
    );
    lost = await size();
    expect(lost).toBeGreaterThan(signed + 1_000);
  });

  it("goes on from the backup with other records where those lay that are lost", { timeout: 120_000 }, async () => {
    const fresh = stack.use(await freshGround(ground));
    keepInBucket(fresh, "found");
    expect(await restored(fresh, "found")).toMatch(/restored: \d+ blocks are those of the rows/);
    await using core = await TestCore.start(fresh);
    await using nats = await fresh.nats.connect("gateway");
    const writer = new BlockWriter(nats, "after");
    for (let to = 0; to < lost; to += 100) await writer.write(Array.from({ length: 100 }, () => decisionOf()));
    await eventually(async () => sizeOf(await checkpointOf(core))).toBeGreaterThan(lost);
    expect((await core.ask("GET /health")).body.checks.audit_log).toBe(true);
    expect(await rulesIn(core, "audit.log_inconsistent")).toEqual([]);
    expect(await rulesIn(core, "backup.restored")).toHaveLength(1);
    expect(await verified(core, vkey)).toMatch(/^verified$/m);
  });

  it("is not restored where a log lies, and then nothing is", async () => {
    const fresh = stack.use(await freshGround(ground));
    await expect(restored(fresh, "found")).rejects.toThrow("conflict: a log lies there already");
    expect(await restored(fresh, "elsewhere"), "the database was left empty").toMatch(/^restored/);
  });

  it("is not copied when a file is missing", async () => {
    await using nats = await ground.nats.connect("installer");
    const storage = s3Storage(bucketOf("lost"));
    await storage.remove("tile/entries/001");
    const parts = { ...environmentOf(ground), ...keeping(ground, nats), storage, clock: systemClock };
    await expect(makeBackup(backupIn("of-less"), parts)).rejects.toMatchObject({
      code: "log_inconsistent",
      detail: expect.stringContaining("tile/entries/001 is missing"),
    });
    expect(await readdir(backupIn("of-less"))).not.toContain("manifest.json");
  });
});
