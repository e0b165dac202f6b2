import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AuditRecord } from "@vivified/contracts";
import { uuidv7 } from "@vivified/runtime";
import { Client } from "pg";
import { Agent, request } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BlockWriter, decisionOf, outcomeOf } from "../../core/src/audit/block.fixtures.ts";
import { eventually, TestCore, TestGround } from "../../core/src/core.fixtures.ts";
import { Command } from "../src/index.ts";

/** A UUIDv7 of a moment. */
function idAt(time: string): string {
  const hex = Date.parse(time).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}${uuidv7().slice(13)}`;
}

/** A decision of long ago, and its outcome. */
function longAgo(time: string, caller: string): readonly AuditRecord[] {
  const decision = decisionOf({ decision_id: idAt(time), timestamp: time, caller });
  return [decision, outcomeOf(decision, { timestamp: time })];
}

/** Core deletes what is over, and an auditor holds what is left against the log. */
describe("retention, seen by an auditor", () => {
  const stack = new AsyncDisposableStack();
  let ground: TestGround;
  let core: TestCore;
  let people: Agent;
  let token: string;
  let folder: string;
  let vkey: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "viv-retention-"));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    ground = stack.use(await TestGround.open());
    people = new Agent({ connect: { ca: ground.authority.bundlePem, checkServerIdentity: () => undefined } });
    stack.defer(() => people.destroy());
    stack.defer(() => core?.[Symbol.asyncDispose]());
    await start();
  }, 120_000);
  afterAll(() => stack.disposeAsync());

  async function start(overrides: Record<string, string> = {}): Promise<void> {
    core = await TestCore.start(ground, overrides);
    token = await core.logIn();
  }

  async function rows(text: string, values: readonly unknown[] = []) {
    const client = new Client({ connectionString: ground.env.VIVIFIED_CORE_DATABASE_URL });
    await client.connect();
    return (await client.query(text, [...values]).finally(() => client.end())).rows;
  }

  const published = async (): Promise<number> => {
    const note = await readFile(join(String(ground.env.VIVIFIED_CORE_AUDIT_LOG_DIR), "checkpoint"), "utf8");
    return Number(note.split("\n")[1]);
  };
  const placed = async (where: string, values: readonly unknown[] = []): Promise<number | undefined> => {
    const [found] = await rows(`select max(log_index)::int as at from decisions where ${where}`, values);
    return found?.at ?? undefined;
  };
  /** Waits until the published checkpoint covers a decision. */
  const covered = async (where: string, values: readonly unknown[] = []): Promise<void> => {
    await eventually(async () => (await placed(where, values)) ?? -1).toBeGreaterThanOrEqual(0);
    const at = Number(await placed(where, values));
    await eventually(published).toBeGreaterThan(at);
  };

  async function exported(name: string, query = ""): Promise<string> {
    const headers = { authorization: `Bearer ${token}` };
    const url = new URL(`/admin/audit/bundle?${query}`, core.publicUrl);
    const { statusCode, body } = await request(url, { dispatcher: people, headers });
    expect(statusCode).toBe(200);
    const path = join(folder, `${name}.tar.gz`);
    await writeFile(path, Buffer.from(await body.arrayBuffer()));
    return path;
  }

  async function verify(
    path: string,
    ...more: readonly string[]
  ): Promise<{ readonly code: unknown; readonly output: string }> {
    const command = new Command(["audit", "verify", path, "--key", vkey, ...more]);
    return { code: await command.exit(), output: command.output };
  }

  it("leaves a trail that verifies, of which nobody can take another record", async () => {
    await using nats = await ground.nats.connect("gateway");
    const writer = new BlockWriter(nats, "long-ago");
    const records = ["suspect", "other"].flatMap((caller) =>
      Array.from({ length: 20 }, (_, at) =>
        longAgo(`2024-09-${String(at + 1).padStart(2, "0")}T10:00:00.000Z`, caller),
      ),
    );
    for (const block of records) await writer.write(block);
    await writer.write([decisionOf({ caller: "today" })]);
    await covered("caller = 'today'");
    vkey = (await core.ask("GET /admin/audit/checkpoints?limit=1", { token })).body.vkey;
    await core.ask("POST /admin/audit/holds", { token, body: { reason: "case 7", caller: "suspect" } });
    const late = longAgo("2024-09-30T10:00:00.000Z", "late");
    await writer.write(late);
    await covered("caller = 'late'");
    await core[Symbol.asyncDispose]();
    await rows(`update audit_blocks set ingested_at = '2024-10-01' where stream_sequence <
      (select stream_sequence from audit_blocks where writer = 'long-ago' and sequence = 40)`);

    await start({ VIVIFIED_CORE_AUDIT_RETENTION_DAYS: "365", VIVIFIED_CORE_AUDIT_LOG_INTERVAL_MS: "3600000" });
    await eventually(() => placed("'audit.retention_applied' = any(rules)")).toBeGreaterThan(0);
    const untold = await core.ask("GET /admin/audit/bundle", { token });
    expect(untold.body).toMatchObject({ status: 503, code: "audit_behind", retryable: true });
    await core[Symbol.asyncDispose]();

    await start({ VIVIFIED_CORE_AUDIT_RETENTION_DAYS: "365" });
    await covered("'audit.retention_applied' = any(rules)");
    const left = await rows("select distinct caller from decisions where occurred_at < '2025-01-01' order by 1");
    expect(left).toEqual([{ caller: "late" }, { caller: "suspect" }]);
    const whole = await verify(await exported("whole"));
    expect(whole, whole.output).toMatchObject({ code: 0 });
    expect(whole.output).toMatch(/^40 records deleted by retention until 2024-10-01T00:00:00.000Z/m);
    const stretch = await verify(await exported("stretch", "from=0&to=60"), "--from", "0", "--to", "60");
    expect(stretch, stretch.output).toMatchObject({ code: 0 });

    for (const caller of ["suspect", "late"]) {
      const [{ at, id }] = await rows(
        "select log_index as at, decision_id as id from decisions where caller = $1 order by 1 limit 1",
        [caller],
      );
      await rows("delete from decisions where decision_id = $1", [id]);
      const cut = await verify(await exported(`without-${caller}`));
      expect(cut.code).toBe(1);
      expect(cut.output).toMatch(new RegExp(`^record_removed: place ${at} ${id}`, "m"));
    }
    const outcome = "select log_index as at from decision_outcomes where decision_id = $1";
    const [{ at }] = await rows(outcome, [late[0]?.decision_id]);
    await rows("delete from decision_outcomes where log_index = $1", [at]);
    expect((await verify(await exported("without-outcome"))).output).toMatch(
      new RegExp(`^record_removed: place ${at} `, "m"),
    );
  }, 120_000);
});
