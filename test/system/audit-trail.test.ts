import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { until } from "@vivified/cli";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { missingLines, stepsOf } from "../src/follow-document.ts";
import {
  Command,
  copyCheckout,
  createUser,
  type DevEnv,
  done,
  openDatabase,
  openDevEnv,
  Terminal,
} from "../src/index.ts";

/** What an auditor does who wants none of our code: Go's sumdb, torchwood and RFC 8785 of others read the export. */
const askGo = `$VIVIFIED_TLOG_CHECK export opened "$(cat audit-log.vkey)" "$(sed -n 2p older):$(sed -n 3p older)"`;

/** An operator who holds the database, and an auditor who holds a public key and a checkpoint. */
describe("the audit trail of a platform", () => {
  const stack = new AsyncDisposableStack();
  let env: DevEnv;
  let databaseUrl: string;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "viv-auditor-"));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const database = stack.use(await openDatabase());
    databaseUrl = database.url;
    env = stack.use(await openDevEnv({ databaseUrl, coreSettings: { AUDIT_LOG_INTERVAL_MS: "500" } }));
    const { traceId } = await createUser(env.platform);
    await done(env.platform, { trace_id: traceId, action: "publish" }, { resource: "OnboardingCompleted" });
  }, 120_000);
  afterAll(() => stack.disposeAsync());

  async function rows(text: string, values: readonly unknown[] = []) {
    const client = new Client({ connectionString: databaseUrl });
    await client.connect();
    return (await client.query(text, [...values]).finally(() => client.end())).rows;
  }

  /** What a command printed. */
  async function vivified(...args: readonly string[]): Promise<{ readonly code: unknown; readonly output: string }> {
    const command = new Command(args);
    return { code: await command.exit(), output: command.output };
  }

  const home = () => ["--home", env.platform.home.path];
  const exported = async (name: string, ...more: readonly string[]): Promise<string> => {
    const path = join(folder, `${name}.tar.gz`);
    const ran = await vivified("audit", "export", "--format", "bundle", "-o", path, ...more, ...home());
    expect(ran.code, ran.output).toBe(0);
    return path;
  };
  const verify = (path: string, ...more: readonly string[]) =>
    vivified("audit", "verify", path, "--key", env.platform.home.at("keys/audit-log.vkey"), ...more);

  /** A record that is in the published log. */
  async function publishedRecord(): Promise<{ readonly decision_id: string; readonly log_index: string }> {
    const published = async () => {
      const checkpoint = await readFile(env.platform.home.at("audit-log/checkpoint"), "utf8").catch(() => "");
      const size = Number(checkpoint.split("\n")[1] ?? 0);
      const [found] = await rows(
        "select decision_id, log_index from decisions where lane <> 'core' and log_index < $1 order by log_index limit 1",
        [size],
      );
      return found;
    };
    return until("nothing was published", published, { timeoutMs: 30_000 });
  }

  it("is verified as docs/how-to/verify-the-audit-trail.md says, followed to the letter", async () => {
    await publishedRecord();
    const checkout = await copyCheckout(folder);
    const terminal = new Terminal(checkout.path, { ...checkout.env, VIVIFIED_HOME: env.platform.home.path });
    const steps = stepsOf(await readFile(join(checkout.path, "docs/how-to/verify-the-audit-trail.md"), "utf8"));
    expect(steps.filter(({ kind }) => kind === "compare")).toHaveLength(3);
    let shown = "";
    for (const step of steps) {
      if (step.kind === "type") shown = await terminal.type(step.text);
      if (step.kind === "compare") expect(missingLines(step.text, shown), shown).toEqual([]);
    }
    await createUser(env.platform);
    await terminal.type("cp kept-checkpoint older");
    for (const step of steps.slice(3)) if (step.kind === "type") await terminal.type(step.text);
    await terminal.type("mkdir opened && tar -xzf trail.tar.gz -C opened");
    expect(await terminal.type(askGo)).toMatch(/^ok \d+ \S+\n$/);
    await terminal.type("sed -i '7s/a/b/' opened/records.ndjson");
    await expect(terminal.type(askGo)).rejects.toThrow(/place 6: the record is not the entry's/);
  }, 240_000);

  it("is not verified by what its manifest was made to say", async () => {
    await publishedRecord();
    const opened = join(folder, "altered");
    await mkdir(opened);
    await promisify(execFile)("tar", ["-xzf", await exported("to-alter"), "-C", opened]);
    const [manifest, lines] = [join(opened, "manifest.json"), join(opened, "records.ndjson")];
    const [good, all] = [JSON.parse(await readFile(manifest, "utf8")), await readFile(lines, "utf8")];
    const saying = async (change: object, keep = (_: string, __: number) => true) => {
      await writeFile(manifest, JSON.stringify({ ...good, ...change }));
      await writeFile(
        lines,
        all
          .split(/(?<=\n)/)
          .filter(keep)
          .join(""),
      );
      return verify(opened);
    };
    expect(await saying({})).toMatchObject({ code: 0, output: expect.stringContaining(": the whole log)") });
    const { size } = good;
    for (const [change, keep] of [
      [{ to: 40 }, (_: string, at: number) => at < 40],
      [{ from: 40, to: 40 }, () => false],
      [{ from: 5 }, (_: string, at: number) => at >= 5],
      [{ to: 5, evidence: [5] }, (_: string, at: number) => at < 6],
    ] as const)
      expect((await saying(change, keep)).output).toMatch(/^records_truncated: place \d+ \S+ /m);
    for (const change of [
      { size: size - 1, to: size - 1 },
      { size: size + 1 },
      { origin: "x" },
      { format: "x" },
      { evidence: [0] },
    ])
      expect((await saying(change)).output).toMatch(/^NOT VERIFIED: 1 malformed_export/m);
    expect((await saying({ made_at: "x", filter: { to: "40" } })).code).toBe(0);
  }, 180_000);

  it("is exported by time, which is held to what stands next to it in the log", async () => {
    const { decision_id: first } = await publishedRecord();
    const [{ since, until }] = await rows(
      `select occurred_at as since, occurred_at + interval '2 seconds' as until from decisions where decision_id = $1`,
      [first],
    );
    const time = ["--since", since.toISOString(), "--until", until.toISOString()];
    const path = await exported("of-a-time", ...time);
    const verified = await verify(path, ...time);
    expect(verified, verified.output).toMatchObject({ code: 0 });
    expect(verified.output).toMatch(/entries before and \d+ behind were looked at/);
    const later = await verify(path, "--since", since.toISOString(), "--until", new Date().toISOString());
    expect(later.code).toBe(1);
    expect(later.output).toMatch(/^records_truncated: place \d+ .*from the time that was asked for/m);
    expect((await verify(path)).output).toMatch(/^records_truncated: .*were asked for/m);
  });

  it("tells which record somebody changed in the database, and which one is gone", async () => {
    const { decision_id, log_index } = await publishedRecord();
    const [before] = await rows("select record::text as record from decisions where decision_id = $1", [decision_id]);
    const altered = { ...JSON.parse(before.record), caller: "somebody-else" };
    await rows("update decisions set record = $1 where decision_id = $2", [JSON.stringify(altered), decision_id]);
    const changed = await verify(await exported("changed"));
    expect(changed.code).toBe(1);
    expect(changed.output).toMatch(new RegExp(`record_changed: place ${log_index} ${decision_id}`));
    await rows("update decisions set record = $1 where decision_id = $2", [before.record, decision_id]);
    const [row] = await rows("delete from decisions where decision_id = $1 returning *", [decision_id]);
    const removed = await verify(await exported("removed"));
    expect(removed.code).toBe(1);
    expect(removed.output).toMatch(new RegExp(`record_removed: place ${log_index} ${decision_id}`));
    expect(row.decision_id).toBe(decision_id);
  });
});
