import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { NatsConnection } from "@vivified/runtime";
import { mountSmallDisk, type SmallDisk } from "@vivified/runtime/nats-fixtures";
import { askOutside } from "@vivified/tlog/outside-fixtures";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BlockWriter, decisionOf } from "../audit/block.fixtures.ts";
import { eventually, type TestCore, type TestGround } from "../core.fixtures.ts";
import { openCoreSuite } from "../core-suite.fixtures.ts";
import { logEntries } from "./log-entries.fixtures.ts";
import { logIdentity } from "./log-identity.ts";

const stack = new AsyncDisposableStack();
let disk: SmallDisk;
let ground: TestGround;
let core: TestCore;
let nats: NatsConnection;
let token: string;

beforeAll(async () => {
  disk = stack.use(await mountSmallDisk(4));
  const settings = {
    VIVIFIED_CORE_AUDIT_LOG_DIR: disk.directory,
    VIVIFIED_CORE_ALERT_INTERVAL_MS: "100",
    VIVIFIED_CORE_ALERT_CHECKPOINT_LATE_MS: "1000",
  };
  ({ ground, core, nats, token } = stack.use(await openCoreSuite({ ground: settings })));
}, 60_000);
afterAll(() => stack.disposeAsync());

async function rows(text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: ground.env.VIVIFIED_CORE_DATABASE_URL });
  await client.connect();
  return client
    .query(text)
    .then(({ rows: found }) => found)
    .finally(() => client.end());
}

const get = async (path: string) => (await core.ask(`GET /admin/${path}`, { token })).body;
const lateIs = async () =>
  (await get("alerts")).alerts.find(({ rule }: { rule: string }) => rule === "checkpoint_late")?.state;
const waiting = async () => Number((await rows("select count(*) from audit_leaves"))[0]?.count);

describe("a log whose directory is full", () => {
  it("signs nothing and says so, serves what it has, and goes on by itself with room, consistent", async () => {
    const writer = new BlockWriter(nats, "unlimited");
    const written: string[] = [];
    const write = async (blocks: number) => {
      for (let n = 0; n < blocks; n += 1) {
        const records = Array.from({ length: 40 }, () => decisionOf());
        await writer.write(records);
        written.push(...records.map(({ decision_id }) => decision_id));
      }
    };
    await write(2);
    await eventually(waiting).toBe(0);
    await eventually(() => check([])).toMatch(/^ok/);
    await disk.fill(0);
    await write(10);
    await eventually(lateIs).toBe("open");
    expect(await waiting()).toBeGreaterThanOrEqual(400);
    expect(await check([])).toMatch(/^ok/); // whatever lies there is a whole log
    expect((await core.ask("GET /health")).body).toMatchObject({ ready: true });

    await disk.clear();
    await eventually(lateIs).toBe("resolved");
    await eventually(waiting).toBe(0);
    const earlier = await rows("select size, root from log_checkpoints order by size");
    await eventually(() => check(earlier.map(({ size, root }) => `${size}:${root}`))).toMatch(/^ok/);
    expect(await tornFiles()).toEqual([]);
    const ids = (await logEntries(rows, disk.directory)).map((entry) => JSON.parse(entry).id);
    const wanted = new Set(written);
    expect(ids.filter((id) => wanted.has(id))).toEqual(written);
  }, 120_000);
});

/** Files that were begun when there was no room: without content, or drafts that nobody removed. */
async function tornFiles(): Promise<readonly string[]> {
  const found = await readdir(join(disk.directory, "tile"), { recursive: true, withFileTypes: true });
  const paths = found.filter((one) => one.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size));
  return paths.filter((path, at) => path.endsWith(".draft") || sizes[at] === 0);
}

/** What Go's verifier says of what lies on the disk and of earlier checkpoints of it. */
async function check(earlier: readonly string[]) {
  const key = await readFile(ground.env.VIVIFIED_CORE_AUDIT_LOG_KEY_FILE ?? "", "utf8");
  const { vkey } = logIdentity(key, "vivified.local");
  return (await askOutside("check", disk.directory, vkey, ...earlier)).says;
}
