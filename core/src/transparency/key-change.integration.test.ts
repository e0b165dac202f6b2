import { generateKeyPairSync } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createLogger } from "@vivified/runtime";
import { openCheckpoint, parseVerifierKey, type VerifierKey } from "@vivified/tlog";
import { askOutside } from "@vivified/tlog/outside-fixtures";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, TestCore, TestGround } from "../core.fixtures.ts";
import { Database } from "../database/open-database.ts";
import { logIdentity, readLogIdentity } from "./log-identity.ts";
import { tellKeyChange } from "./tell-key-change.ts";

const stack = new AsyncDisposableStack();
let ground: TestGround;
beforeAll(async () => {
  ground = stack.use(await TestGround.open());
});
afterAll(() => stack.disposeAsync());

const fileOf = (name: string) => join(ground.directory, name);

/** A key of its own, in a file. */
async function newKey(name: string): Promise<void> {
  const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" });
  await writeFile(fileOf(name), pem);
}
async function keyIn(name: string): Promise<{ readonly vkey: string; readonly verifier: VerifierKey }> {
  return logIdentity(await readFile(fileOf(name), "utf8"), "vivified.local");
}
const settings = (key: string, old?: string) => ({
  VIVIFIED_CORE_AUDIT_LOG_KEY_FILE: fileOf(key),
  ...(old !== undefined && { VIVIFIED_CORE_AUDIT_LOG_OLD_KEY_FILE: fileOf(old) }),
});

async function rows(text: string) {
  const client = new Client({ connectionString: ground.env.VIVIFIED_CORE_DATABASE_URL });
  await client.connect();
  return (await client.query(text).finally(() => client.end())).rows;
}
const newest = async (): Promise<{ note: string; size: number }> => {
  const [found] = await rows("select note, size::int from log_checkpoints order by log_checkpoints.size desc limit 1");
  return found ?? { note: "", size: 0 };
};
const opens = async (key: string): Promise<boolean> =>
  openCheckpoint((await newest()).note, { log: (await keyIn(key)).verifier }).fault === undefined;
const told = () => rows("select log_index::int as at, record from decisions where 'audit.key_changed' = any(rules)");
/** Logging in is a record: the log grows. */
const grown = async (core: TestCore) => {
  const { size } = await newest();
  await core.logIn();
  await eventually(async () => (await newest()).size).toBeGreaterThan(size);
};

describe("the key of the log", () => {
  it("is changed under the signature of the old one, once told in the log, and the log goes on", async () => {
    await newKey("next.pem");
    await using first = await TestCore.start(ground);
    await grown(first);
    await first[Symbol.asyncDispose]();
    expect(await opens("next.pem")).toBe(false);

    for (const _ of ["begun", "begun again"]) {
      await using core = await TestCore.start(ground, settings("next.pem", "audit-log.pem"));
      await grown(core);
      expect([await opens("audit-log.pem"), await opens("next.pem")]).toEqual([true, true]);
      const { status } = await core.ask("GET /health");
      expect(status).toBe(200);
      const isSigned = async () => ((await told())[0]?.at ?? Number.POSITIVE_INFINITY) < (await newest()).size;
      await eventually(isSigned).toBe(true);
    }
    const [old, next] = [await keyIn("audit-log.pem"), await keyIn("next.pem")];
    expect(await told()).toMatchObject([{ record: { labels: { old_key: old.vkey, new_key: next.vkey } } }]);
    const directory = ground.env.VIVIFIED_CORE_AUDIT_LOG_DIR ?? "";
    for (const { vkey } of [old, next]) expect(await askOutside("check", directory, vkey)).toMatchObject({ ok: true });

    await using last = await TestCore.start(ground, settings("next.pem"));
    await grown(last);
    expect([await opens("audit-log.pem"), await opens("next.pem")]).toEqual([false, true]);
    expect(await told()).toHaveLength(1);
    const { body } = await last.ask("GET /admin/audit/checkpoints?limit=1", { token: await last.logIn() });
    expect(parseVerifierKey(body.vkey)?.id).toBe(next.verifier.id);
  });

  it("is not changed behind the old one's back", async () => {
    await newKey("stranger.pem");
    const { size } = await newest();
    await using core = await TestCore.start(ground, settings("stranger.pem"));
    await eventually(async () => (await core.ask("GET /health")).body.checks.audit_log).toBe(false);
    expect((await newest()).size).toBe(size);
  });

  it("is not taken for told while another core has the log in hand", async () => {
    const url = ground.env.VIVIFIED_CORE_DATABASE_URL ?? "";
    await using database = new Database({ url, logger: createLogger({ process: "test", level: "silent" }) });
    const files = { auditLogKeyFile: fileOf("stranger.pem"), auditLogOldKeyFile: fileOf("next.pem") };
    const identity = await readLogIdentity(files, "vivified.local");
    const other = new Client({ connectionString: url });
    await other.connect();
    await other.query("begin; select from log_state for update");
    expect(await tellKeyChange(identity, database.db)).toBe(false);
    expect(await told()).toHaveLength(1);
    await other.end();
    await eventually(() => tellKeyChange(identity, database.db)).toBe(true);
    expect(await told()).toHaveLength(2);
  });

  it.each([
    ["a file that holds none", "nonsense.pem"],
    ["the same key twice", "next.pem"],
  ])("is not read from %s", async (_, old) => {
    await writeFile(fileOf("nonsense.pem"), "nonsense");
    const files = { auditLogKeyFile: fileOf("next.pem"), auditLogOldKeyFile: fileOf(old) };
    await expect(readLogIdentity(files, "vivified.local")).rejects.toMatchObject({ code: "invalid_config" });
  });
});
