import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { askOutside } from "@vivified/tlog/outside-fixtures";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BlockWriter, decisionOf } from "../audit/block.fixtures.ts";
import { eventually, startCoreProcess, TestCore, TestGround } from "../core.fixtures.ts";
import { logEntries } from "./log-entries.fixtures.ts";
import { logIdentity } from "./log-identity.ts";

const stack = new AsyncDisposableStack();
let ground: TestGround;
beforeAll(async () => {
  ground = stack.use(await TestGround.open({ VIVIFIED_CORE_AUDIT_LOG_INTERVAL_MS: "10" }));
});
afterAll(() => stack.disposeAsync());

const kills = 3;
const patienceMs = 240_000;

async function rows(text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: ground.env.VIVIFIED_CORE_DATABASE_URL });
  await client.connect();
  return client.query(text).then(
    (result) => client.end().then(() => result.rows),
    (error) => client.end().then(() => Promise.reject(error)),
  );
}

describe("a core that is killed while it signs", () => {
  it(
    "goes on where it was: every record once, and each checkpoint continues the one before",
    async () => {
      const writer = new BlockWriter(await ground.nats.connect("gateway"), "crashing");
      const written: string[] = [];
      const signed = async () => Number((await rows("select count(*) from log_checkpoints"))[0]?.count);
      const write = async () => {
        const records = Array.from({ length: 40 }, () => decisionOf());
        await writer.write(records);
        written.push(...records.map(({ decision_id }) => decision_id));
      };
      for (let kill = 0; kill < kills; kill += 1) {
        const before = kill === 0 ? 0 : await signed();
        const { program } = await startCoreProcess(ground);
        while ((await signed()) === before && !program.ended) await Promise.all([write(), sleep(20)]);
        const until = Date.now() + Math.random() * 300;
        while (Date.now() < until) await Promise.all([write(), sleep(20)]);
        await program.stop("SIGKILL");
      }
      await using _core = await TestCore.start(ground);
      await write();
      const vkey = logIdentity(
        await readFile(ground.env.VIVIFIED_CORE_AUDIT_LOG_KEY_FILE ?? "", "utf8"),
        "vivified.local",
      ).vkey;
      const directory = ground.env.VIVIFIED_CORE_AUDIT_LOG_DIR ?? "";
      const placed = async () => (await logEntries(rows, directory)).map((entry) => JSON.parse(entry).id);
      await eventually(async () => (await placed()).includes(written.at(-1))).toBe(true);
      const wanted = new Set(written);
      expect((await placed()).filter((id) => wanted.has(id))).toEqual(written);
      const waiting = async () => Number((await rows("select count(*) from audit_leaves"))[0]?.count);
      await eventually(waiting).toBe(0);
      const earlier = await rows("select size, root from log_checkpoints order by size");
      const olds = earlier.map(({ size, root }) => `${size}:${root}`);
      expect(olds.length).toBeGreaterThan(kills);
      await eventually(() => askOutside("check", directory, vkey, ...olds)).toMatchObject({ ok: true });
    },
    patienceMs,
  );
});
