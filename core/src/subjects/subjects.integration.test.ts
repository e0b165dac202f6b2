import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import type { KV } from "@nats-io/kv";
import { Kvm } from "@nats-io/kv";
import {
  buckets,
  canonicalJson,
  type DecisionRecord,
  type JsonObject,
  type KeptPayloadRule,
  logEntry,
  type SnapshotDocument,
  type SubjectKeyEntry,
} from "@vivified/contracts";
import { type NatsConnection, uuidv7 } from "@vivified/runtime";
import { type Hash, leafHash, rootOf, verifyInclusion } from "@vivified/tlog";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BlockWriter, decisionOf } from "../audit/block.fixtures.ts";
import { eventually, TestCore, TestGround } from "../core.fixtures.ts";
import { openPeople } from "../policy/policy-world.fixtures.ts";
import { until } from "../process.fixtures.ts";
import { giveKey, keysIn, sealed, secret, subjectEnvironment } from "./subjects.fixtures.ts";

const rule: KeptPayloadRule = {
  entrypoint: "rpc/invoke",
  resource: "user-management.get_user",
  fields: ["/note"],
  subject: "/user_id",
};

const stack = new AsyncDisposableStack();
let ground: TestGround;
let core: TestCore;
let env: Record<string, string>;
let nats: NatsConnection;
let bucket: KV;
let writer: BlockWriter;
let token: string;
let wrapKey: JsonObject;

beforeAll(async () => {
  ground = stack.use(await TestGround.open());
  env = await subjectEnvironment(ground);
  nats = stack.use(await ground.nats.connect("gateway"));
  bucket = await keysIn(nats);
  writer = new BlockWriter(nats);
  core = await TestCore.start(ground, env);
  stack.defer(() => core[Symbol.asyncDispose]());
  token = await core.logIn();
  expect((await put([rule])).status).toBe(200);
  wrapKey = await until(async () => (await published())?.settings.kept_payloads?.wrap_key);
});
afterAll(() => stack.disposeAsync());

const put = (rules: unknown) => core.ask("PUT /admin/kept-payloads", { token, body: { rules } });
const open = (id: string) => core.ask(`GET /admin/kept-payloads/${id}`, { token });
const forget = (subject: string) => core.ask("POST /admin/audit/forget", { token, body: { subject } });
const find = async (id: string) => (await core.ask(`GET /admin/decisions/${id}`, { token })).body;
const recorded = async (name: string) =>
  (await core.ask(`GET /admin/decisions?rule=${name}`, { token })).body.decisions as { resource: string }[];

async function published(): Promise<SnapshotDocument | undefined> {
  const snapshots = await new Kvm(nats).open(buckets.snapshot);
  const jws = (await snapshots.get("current"))?.string();
  if (jws === undefined) return undefined;
  const { parts } = JSON.parse(Buffer.from(jws.split(".")[1] ?? "", "base64url").toString());
  const texts = await Promise.all(parts.map(async (part: string) => (await snapshots.get(`part.${part}`))?.string()));
  return JSON.parse(texts.join(""));
}

/** A decision in the log with something kept for a subject, who has a key already. */
async function keep(subject: string, fields: JsonObject): Promise<string> {
  const id = uuidv7();
  await writer.write([decisionOf({ decision_id: id, kept: await sealed(subject, fields, { id, bucket }) })]);
  await eventually(async () => (await find(id)).decision_id).toBe(id);
  return id;
}

/** The record, without what the search knows of it beside. */
function recordIn(found: DecisionRecord & { stream_sequence?: number; log_index?: number }): DecisionRecord {
  const { stream_sequence: _, log_index: __, ...record } = found;
  return record;
}

/** What stands for a record in the transparency log. */
const leafOf = async (id: string): Promise<Hash> => leafHash(logEntry(recordIn(await find(id))));

async function storedOnDisk(text: string): Promise<boolean> {
  const entries = await readdir(ground.nats.directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return (await Promise.all(files.map((file) => readFile(file)))).some((bytes) => bytes.includes(text));
}

describe("what is kept of payloads", () => {
  it("is opened for an admin, and that is recorded before", async () => {
    await giveKey("u-1", wrapKey, bucket);
    const id = await keep("u-1", { "/note": "canary" });
    const answer = await open(id);
    expect([answer.status, answer.headers["cache-control"]]).toEqual([200, "no-store"]);
    expect(answer.body).toEqual({ decision_id: id, subject: secret.hash("u-1"), fields: { "/note": "canary" } });
    expect(await recorded("audit.kept_opened")).toMatchObject([
      { resource: `subject ${secret.hash("u-1")}`, target: id },
    ]);
  });

  it("is not in the record, nor in the trail or the database, but sealed", async () => {
    await giveKey("u-2", wrapKey, bucket);
    const id = await keep("u-2", { "/note": "canary of the second" });
    expect(JSON.stringify(await find(id))).not.toContain("canary");
    expect(await storedOnDisk("canary of the second")).toBe(false);
  });

  it("is not opened for those who may only read the log, unless they look after security", async () => {
    const as = async (role: string) => {
      const user = { username: `${role}-1`, email: `${role}@example.org`, full_name: role, password: "a".repeat(20) };
      await core.ask("POST /admin/users", { token, body: { ...user, roles: [role] } });
      const own = await core.logIn(user.username, user.password);
      return (await core.ask("GET /admin/kept-payloads/none", { token: own })).status;
    };
    expect([await as("auditor"), await as("viewer"), await as("security")]).toEqual([403, 403, 404]);
  });

  it("cannot be moved into another record, and its key cannot be exchanged", async () => {
    await giveKey("u-3", wrapKey, bucket);
    const kept = await sealed("u-3", { "/note": "mine" }, { id: uuidv7(), bucket });
    const moved = uuidv7();
    await writer.write([decisionOf({ decision_id: moved, kept })]);
    await eventually(async () => (await find(moved)).decision_id).toBe(moved);
    expect((await open(moved)).status).toBe(500);
    const id = await keep("u-3", { "/note": "mine" });
    const hash = secret.hash("u-3");
    const there = await bucket.get(hash);
    const entry = there?.json<SubjectKeyEntry>();
    await (await jetstreamManager(nats)).streams.deleteMessage(`KV_${buckets.subjectKeys}`, there?.revision ?? 0);
    await bucket.put(hash, canonicalJson({ ...entry, mac: "0".repeat(64) }));
    expect((await open(id)).status).toBe(500);
  });

  it.each([
    ["two rules about one thing", [rule, { ...rule, fields: ["/other"] }], 409],
    ["a pointer that is none", [{ ...rule, subject: "user_id" }], 422],
    ["nothing to keep", [{ ...rule, fields: [] }], 422],
    ["another question", [{ ...rule, entrypoint: "admin/access" }], 422],
  ])("is refused as a rule: %s", async (_, rules, status) => {
    expect((await put(rules)).status).toBe(status);
    expect((await core.ask("GET /admin/kept-payloads", { token })).body).toEqual({ rules: [rule] });
  });
});

describe("forgetting a data subject", () => {
  it("makes what was kept for it unreadable, changes no record, and leaves others alone", async () => {
    await giveKey("u-4", wrapKey, bucket);
    await giveKey("u-5", wrapKey, bucket);
    const [gone, stays] = [await keep("u-4", { "/note": "four" }), await keep("u-5", { "/note": "five" })];
    const before = await find(gone);
    const root = rootOf([await leafOf(gone), await leafOf(stays)]);
    expect((await forget("u-4")).body).toEqual({ subject: secret.hash("u-4"), destroyed: true });
    expect((await open(gone)).body).toMatchObject({ status: 404, code: "not_found" });
    expect(await find(gone)).toEqual(before);
    const claim = { index: 0, size: 2, leaf: await leafOf(gone), root };
    expect(verifyInclusion(claim, [await leafOf(stays)])).toBe(true);
    expect((await open(stays)).body.fields).toEqual({ "/note": "five" });
    expect((await forget("u-4")).body.destroyed).toBe(false);
  });

  it("waits for the legal holds over what is kept, says which, and may be asked again", async () => {
    await giveKey("u-10", wrapKey, bucket);
    const before = await keep("u-10", { "/note": "an older key's" });
    await forget("u-10");
    await giveKey("u-10", wrapKey, bucket);
    const id = await keep("u-10", { "/note": "evidence" });
    const { ann, ben } = await openPeople(core);
    const place = async (scope: object) =>
      (await core.ask("POST /admin/audit/holds", { token: ann, body: { reason: "case 7", ...scope } })).body.id;
    const { timestamp } = await find(id);
    await place({ caller: "somebody-else" });
    await place({ until: (await find(before)).timestamp });
    const hold = await place({ since: timestamp, caller: "workflow-orchestrator" });
    const refused = await forget("u-10");
    expect(refused.body).toMatchObject({ status: 409, code: "legal_hold", detail: `hold ${hold}` });
    expect((await open(id)).body.fields).toEqual({ "/note": "evidence" });
    expect(await recorded("audit.forgetting_held")).toMatchObject([
      { resource: `subject ${secret.hash("u-10")}`, target: hold, effect: "deny" },
    ]);
    for (const by of [ann, ben]) await core.ask(`DELETE /admin/audit/holds/${hold}`, { token: by });
    expect((await forget("u-10")).body.destroyed).toBe(true);
    expect((await open(id)).status).toBe(404);
    expect((await forget("nobody")).body.destroyed).toBe(false);
  });

  it("erases the key where it lies on disk", async () => {
    const text = await giveKey("u-6", wrapKey, bucket);
    const { wrapped } = JSON.parse(text) as SubjectKeyEntry;
    expect(await storedOnDisk(wrapped)).toBe(true);
    await forget("u-6");
    expect(await storedOnDisk(wrapped)).toBe(false);
  });

  it("records who asked, and the subject by its hash only", async () => {
    await forget("somebody by name");
    const [last] = await recorded("audit.subject_forgotten");
    expect(last).toMatchObject({ action: "forget subject", resource: `subject ${secret.hash("somebody by name")}` });
    expect(JSON.stringify(last)).not.toContain("somebody by name");
  });

  it("gives a subject that is seen again another key, which opens nothing older", async () => {
    await giveKey("u-7", wrapKey, bucket);
    const old = await keep("u-7", { "/note": "old" });
    await forget("u-7");
    await giveKey("u-7", wrapKey, bucket);
    const fresh = await keep("u-7", { "/note": "new" });
    expect([(await open(old)).status, (await open(fresh)).body.fields]).toEqual([404, { "/note": "new" }]);
  });

  it("destroys a key that an older copy of NATS brought back, and not the one that came after", async () => {
    const old = await giveKey("u-8", wrapKey, bucket);
    await forget("u-8");
    await forget("u-9");
    await bucket.put(secret.hash("u-8"), old);
    const young = await giveKey("u-9", wrapKey, bucket);
    await core[Symbol.asyncDispose]();
    core = await TestCore.start(ground, env);
    token = await core.logIn();
    await eventually(async () => (await bucket.get(secret.hash("u-8")))?.string()).toBeUndefined();
    expect((await bucket.get(secret.hash("u-9")))?.string()).toBe(young);
  });

  it("is refused on a platform that keeps nothing", async () => {
    await using plain = await TestCore.start(ground, {
      VIVIFIED_CORE_DATABASE_URL: await ground.postgres.createDatabase(),
    });
    const own = await plain.logIn();
    const asked = await plain.ask("POST /admin/audit/forget", { token: own, body: { subject: "u-1" } });
    const kept = await plain.ask("PUT /admin/kept-payloads", { token: own, body: { rules: [rule] } });
    expect([asked.body.code, kept.body.code]).toEqual(["conflict", "conflict"]);
  });
});
