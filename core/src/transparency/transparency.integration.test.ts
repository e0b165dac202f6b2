import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { logEntry } from "@vivified/contracts";
import type { NatsConnection } from "@vivified/runtime";
import { leafHash, newTiles, parseVerifierKey, tilePath, tileWidth, verifyTlogProof } from "@vivified/tlog";
import { askOutside } from "@vivified/tlog/outside-fixtures";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BlockWriter, decisionOf, outcomeOf } from "../audit/block.fixtures.ts";
import { eventually, TestCore, type TestGround } from "../core.fixtures.ts";
import { openCoreSuite } from "../core-suite.fixtures.ts";
import { logIdentity } from "./log-identity.ts";

const stack = new AsyncDisposableStack();
let ground: TestGround;
let core: TestCore;
let nats: NatsConnection;
let token: string;
let directory: string;
let vkey: string;
let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "vivified-transparency-"));
  stack.defer(() => rm(scratch, { recursive: true, force: true }));
  ({ ground, core, nats, token } = stack.use(await openCoreSuite()));
  stack.defer(() => core[Symbol.asyncDispose]());
  directory = ground.env.VIVIFIED_CORE_AUDIT_LOG_DIR ?? "";
  vkey = logIdentity(await readFile(keyFile(), "utf8"), "vivified.local").vkey;
});
afterAll(() => stack.disposeAsync());

const keyFile = () => ground.env.VIVIFIED_CORE_AUDIT_LOG_KEY_FILE ?? "";
const get = (path: string) => core.ask(`GET /admin/audit/${path}`, { token });
const signed = async () => (await get("checkpoints?limit=1")).body.checkpoints[0]?.size ?? 0;
const health = async () => (await core.ask("GET /health")).body;

async function rows(text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: ground.env.VIVIFIED_CORE_DATABASE_URL });
  await client.connect();
  return client.query(text).then(
    (result) => client.end().then(() => result.rows),
    (error) => client.end().then(() => Promise.reject(error)),
  );
}

/** Writes records and waits until a checkpoint covers them. */
async function log(count: number, writer: string) {
  const records = Array.from({ length: count }, () => decisionOf({ caller: writer }));
  const blocks = new BlockWriter(nats, writer);
  for (let at = 0; at < count; at += 200) await blocks.write(records.slice(at, at + 200));
  const last = records.at(-1) ?? decisionOf();
  await eventually(async () => (await get(`proofs/${last.decision_id}`)).status).toBe(200);
  return records;
}

describe("the audit log of a running core", () => {
  it("is a log that Go's sumdb and torchwood accept, as it grows", async () => {
    await log(3, "first");
    const [early] = (await get("checkpoints?limit=1")).body.checkpoints;
    await log(700, "second");
    const verdict = await askOutside("check", directory, vkey, `${early.size}:${early.root}`);
    expect(verdict).toMatchObject({ ok: true });
    expect(await signed()).toBeGreaterThanOrEqual(703);
  });

  it("proves a decision and its outcome to whoever has the public key", async () => {
    const [record] = await log(1, "proved");
    if (record === undefined) throw new Error("unreachable");
    const outcome = outcomeOf(record);
    await new BlockWriter(nats, "proved-1").write([outcome]);
    await eventually(async () => (await get(`proofs/${record.decision_id}`)).body.outcome).toBeDefined();
    const { body } = await get(`proofs/${record.decision_id}`);
    const key = parseVerifierKey(vkey);
    if (key === undefined) throw new Error("unreachable");
    expect(verifyTlogProof(body.decision, leafHash(logEntry(record)), { log: key })).toMatchObject({
      checkpoint: { size: body.size },
    });
    expect(verifyTlogProof(body.outcome, leafHash(logEntry(outcome)), { log: key }).fault).toBeUndefined();
    const altered = { ...record, caller: "somebody-else" };
    expect(verifyTlogProof(body.decision, leafHash(logEntry(altered)), { log: key })).toMatchObject({
      fault: "not_included",
    });
    await writeFile(join(scratch, "proof"), body.decision);
    await writeFile(join(scratch, "entry"), logEntry(record));
    expect(await askOutside("proof", join(scratch, "proof"), join(scratch, "entry"), vkey)).toEqual({
      ok: true,
      says: "ok",
    });
  });

  it("serves what it signed: checkpoint and tiles, byte by byte, and nothing else", async () => {
    await log(300, "served");
    const { body, headers } = await get("log/checkpoint");
    expect(headers).toMatchObject({ "content-type": "text/plain; charset=utf-8", "cache-control": "no-cache" });
    expect(body).toMatch(/^vivified\.local\/audit\n\d+\n/);
    for (const path of ["tile/0/000", "tile/entries/000"]) {
      const answer = await get(`log/${path}`);
      expect(answer.headers).toMatchObject({ "content-type": "application/octet-stream" });
      expect(answer.body).toBe((await readFile(join(directory, path))).toString());
    }
    for (const path of ["tile/0/999", "tile/0/000.p/256", "tile/63/000", "tile/0/..%2f..%2fcheckpoint", "tile/"]) {
      expect((await get(`log/${path}`)).status, path).toBe(404);
    }
  });

  it("lists checkpoints page by page, each larger than the one before, with the key", async () => {
    const first = (await get("checkpoints?limit=2")).body;
    expect(first).toMatchObject({ origin: "vivified.local/audit", vkey });
    const second = (await get(`checkpoints?limit=2&before=${first.next}`)).body;
    const sizes = [...first.checkpoints, ...second.checkpoints].map(({ size }: { size: number }) => size);
    expect(sizes).toEqual([...new Set(sizes)].toSorted((a, b) => b - a));
    expect((await get("checkpoints?limit=0")).status).toBe(422);
  });

  it("answers 404 for a decision that it does not hold", async () => {
    expect((await get(`proofs/${decisionOf().decision_id}`)).status).toBe(404);
  });

  it("is closed to people without the right, and to nobody in particular", async () => {
    for (const path of ["log/checkpoint", "log/tile/0/000", "checkpoints", "proofs/x"]) {
      expect((await core.ask(`GET /admin/audit/${path}`)).status, path).toBe(401);
    }
  });

  it("tells in metrics how far it is signed", async () => {
    const { body } = await core.ask("GET /metrics");
    expect(body).toMatch(/vivified_audit_log_consistent 1/);
    expect(body).toMatch(/vivified_audit_log_signed_records \d+/);
    expect(body).toMatch(/vivified_audit_log_checkpoint_age_seconds \d/);
  });
});

describe("a log that was tampered with", () => {
  const notReady = { ready: false, checks: { audit_log: false } };

  async function restart(overrides: Record<string, string> = {}): Promise<void> {
    await core[Symbol.asyncDispose]();
    core = await TestCore.start(ground, overrides);
    token = await core.logIn();
  }

  it("is not signed on, makes core not ready, is recorded once, and goes on when it is put right", async () => {
    await core[Symbol.asyncDispose]();
    const [end] = await rows("select max(size) as size from log_checkpoints");
    const partial = newTiles(0, Number(end?.size)).findLast(({ width }) => width < tileWidth);
    const edge = join(directory, partial ? tilePath(partial) : "");
    const whole = await readFile(edge);
    await writeFile(edge, Buffer.from(whole).fill(0, 0, 1));
    core = await TestCore.start(ground);
    token = await core.logIn();
    await eventually(health).toMatchObject(notReady);
    expect((await get("checkpoints")).body.fault).toMatch(/another root/);
    await restart();
    await eventually(health).toMatchObject(notReady);
    const told = async () =>
      (await core.ask("GET /admin/decisions?rule=audit.log_inconsistent", { token })).body.decisions;
    expect(await told()).toHaveLength(1);
    await writeFile(edge, whole);
    await eventually(health).toMatchObject({ ready: true });
    await log(5, "after-repair");
    expect(await askOutside("check", directory, vkey)).toMatchObject({ ok: true });
  });

  it("is refused with another key", async () => {
    const other = ground.env.VIVIFIED_CORE_TOKEN_KEY_FILE ?? "";
    await restart({ VIVIFIED_CORE_AUDIT_LOG_KEY_FILE: other });
    await eventually(health).toMatchObject(notReady);
    await restart();
    await eventually(health).toMatchObject({ ready: true });
  });

  it("is refused when the database was put back behind what was published", async () => {
    await core[Symbol.asyncDispose]();
    const [newest] = await rows(
      "delete from log_checkpoints where size = (select max(size) from log_checkpoints) returning *",
    );
    core = await TestCore.start(ground);
    await eventually(health).toMatchObject(notReady);
    await core[Symbol.asyncDispose]();
    await rows(`insert into log_checkpoints values (${newest?.size}, '${newest?.root}', '${newest?.note}', now())`);
    core = await TestCore.start(ground);
    token = await core.logIn();
    await eventually(health).toMatchObject({ ready: true });
  });

  it("is not signed on from an older end, though the database knows the newer ones again once it would be", async () => {
    await log(1, "kept");
    const base = await signed();
    await log(1, "covered");
    const published = () => readFile(join(directory, "checkpoint"), "utf8");
    await eventually(async () => Number((await published()).split("\n")[1])).toBeGreaterThan(base);
    const before = await published();
    const leaf = logEntry(decisionOf());
    await rows(`
      begin;
      select from log_state for update;
      create table hidden as select * from log_checkpoints where size > ${base};
      delete from log_checkpoints where size > ${base};
      create function again() returns trigger language plpgsql as $$ begin
        if pg_trigger_depth() < 2 then insert into log_checkpoints select * from hidden; end if; return new; end $$;
      create trigger again before insert on log_checkpoints for each row execute function again();
      insert into audit_leaves select log_index, '${leaf}' from decisions where log_index between ${base} and (select max(size) - 1 from hidden);
      commit`);
    await new BlockWriter(nats, "later").write([decisionOf()]);
    await eventually(health).toMatchObject(notReady);
    expect((await get("checkpoints")).body.fault).toMatch(/is published/);
    expect(await published()).toBe(before);
    await rows("drop trigger again on log_checkpoints; insert into log_checkpoints select * from hidden");
    await eventually(health).toMatchObject({ ready: true });
    await log(1, "after-attack");
    expect(await askOutside("check", directory, vkey)).toMatchObject({ ok: true });
  });
});
