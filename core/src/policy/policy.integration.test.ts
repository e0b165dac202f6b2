import { createHash, createPublicKey } from "node:crypto";
import { readFile } from "node:fs/promises";
import { type KV, Kvm } from "@nats-io/kv";
import { buckets, policyStatusKey, type SnapshotPolicy } from "@vivified/contracts";
import { openBundle } from "@vivified/pdp";
import { type BundleChanges, resealBundle, shippedBundle, testSigner } from "@vivified/pdp/fixtures";
import { readDocument, readPieces, verifyManifest } from "@vivified/runtime";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, TestCore, TestGround } from "../core.fixtures.ts";
import { bundleOf, openPeople, type People, upload } from "./policy-world.fixtures.ts";

const stack = new AsyncDisposableStack();
let ground: TestGround;
let core: TestCore;
let people: People;
let snapshots: KV;
let policies: KV;
let statuses: KV;

beforeAll(async () => {
  ground = stack.use(await TestGround.open());
  core = await TestCore.start(ground);
  stack.defer(() => core[Symbol.asyncDispose]());
  people = await openPeople(core);
  const kvm = new Kvm(stack.use(await ground.nats.connect("gateway")));
  [snapshots, policies, statuses] = await Promise.all([
    kvm.open(buckets.snapshot),
    kvm.open(buckets.policy),
    kvm.open(buckets.policyStatus),
  ]);
});
afterAll(() => stack.disposeAsync());

const ask = (route: string, body?: object, token = people.ann) =>
  core.ask(route, { token, ...(body !== undefined && { body }) });
const overview = async () => (await ask("GET /admin/policies")).body;
const publish = (revision: string, token = people.ann) =>
  ask("POST /admin/policies/publish", { revision, note: "for the test" }, token);
const rollback = (revision?: string, token = people.ann) =>
  ask("POST /admin/policies/rollback", { note: "it was better", ...(revision !== undefined && { revision }) }, token);
const put = async (changes: BundleChanges) => (await upload(core, people.ann, await bundleOf(ground, changes))).body;
const recorded = async (rule: string) =>
  (await ask(`GET /admin/decisions?rule=${rule}&limit=1`)).body.decisions[0] as Record<string, unknown> | undefined;

async function sql(text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: ground.env.VIVIFIED_CORE_DATABASE_URL });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/** What a gateway reads. */
async function snapshotPolicy(): Promise<SnapshotPolicy | undefined> {
  const key = createPublicKey(await readFile(ground.env.VIVIFIED_CORE_SNAPSHOT_KEY_FILE ?? "", "utf8"));
  const manifest = await verifyManifest((await snapshots.get("current"))?.string() ?? "", key);
  return (await readDocument(manifest, snapshots)).policy;
}
const inSnapshot = () => eventually(snapshotPolicy);

/** The revision that core itself judges by. */
const coreJudgesBy = async () => (await recorded("admin.permitted"))?.revision;

describe("the shipped policy", () => {
  it("is the first activation, in force in core and in the snapshot", async () => {
    const { revision } = await openBundle(await shippedBundle());
    expect(await overview()).toMatchObject({
      active: { id: 1, kind: "bootstrap", revision, state: "active", requested_by: "core" },
      approval_required: false,
      pending: [],
      bundles: [{ revision, key_id: "test", relaxed: [] }],
    });
    await inSnapshot().toMatchObject({ activation: 1, revision });
    expect(await coreJudgesBy()).toBe(revision);
    expect(await recorded("policy.bootstrapped")).toMatchObject({ caller: "core", target: revision });
  });

  it("lies in the bucket in pieces that make up the signed archive", async () => {
    const named = await snapshotPolicy();
    const archive = await readPieces(named?.parts ?? [], policies);
    expect([archive.length, createHash("sha256").update(archive).digest("hex")]).toEqual([named?.bytes, named?.sha256]);
    expect((await openBundle(archive, { keys: ground.policySigner.keys })).keyId).toBe("test");
  });
});

describe("a bundle that is uploaded", () => {
  it("is kept and shown, byte by byte, and the same again changes nothing", async () => {
    const archive = await bundleOf(ground, { revision: "kept", serial: 3 });
    const first = await upload(core, people.ann, archive);
    expect(first).toMatchObject({ status: 201, body: { revision: "kept", serial: 3, bytes: archive.length } });
    expect((await upload(core, people.ben, archive)).body).toEqual(first.body);
    const shown = await core.ask("GET /admin/policies/bundles/kept", { token: people.ann });
    expect([shown.status, shown.headers["content-type"]]).toEqual([200, "application/gzip"]);
    expect(Number(shown.headers["content-length"])).toBe(archive.length);
    expect(await recorded("policy.bundle_stored")).toMatchObject({ target: "kept" });
    expect((await ask("GET /admin/policies/bundles/unknown")).status).toBe(404);
  });

  it.each<[string, () => Promise<Uint8Array>]>([
    ["unsigned", async () => shippedBundle()],
    ["unknown_key", async () => resealBundle(await shippedBundle(), {}, testSigner("other").signer)],
    ["bad_signature", async () => resealBundle(await shippedBundle(), {}, testSigner("test").signer)],
    ["truncated", async () => (await bundleOf(ground, { revision: "cut" })).subarray(0, -2_000)],
    ["malformed", async () => Buffer.from("this is no archive")],
    ["revision_reused", () => bundleOf(ground, { revision: "kept", serial: 4 })],
    ["not_runnable", () => bundleOf(ground, { revision: "lame", without: ["vivified/admin/access/decision"] })],
  ])("is refused when it is %s, and that is written down", async (fault, archive) => {
    const answer = await upload(core, people.ann, await archive());
    expect(answer).toMatchObject({ status: 422, body: { code: "policy_bundle_refused", fault } });
    const record = (await ask(`GET /admin/decisions/${(await recorded("policy.bundle_refused"))?.decision_id}`)).body;
    expect(record).toMatchObject({ entrypoint: "refused", labels: { fault } });
  });

  it("is refused when its modules do not run, or when nobody could take it back", async () => {
    const { modules } = await openBundle(await shippedBundle());
    const [name = ""] = [...modules.keys()].filter((path) => path.includes("egress"));
    const broken = await put({ revision: "broken", files: { [name]: "no module" } });
    expect(broken).toMatchObject({ fault: "not_runnable" });
    const data = JSON.parse((await openArchive())["data.json"] ?? "{}");
    const locked = JSON.stringify({ ...data, access: {} });
    expect(await put({ revision: "locked", files: { "data.json": locked } })).toMatchObject({
      fault: "not_runnable",
      detail: expect.stringContaining("nobody could take it back: admin.not_permitted"),
    });
  });

  it("is refused when it is too large, another type, or from somebody who may not", async () => {
    expect((await upload(core, people.ann, Buffer.alloc(16 * 1024 * 1024 + 1))).body).toMatchObject({
      code: "too_large",
    });
    expect((await upload(core, people.ann, Buffer.from("{}"), "application/json")).status).toBe(415);
    expect((await upload(core, people.viewer, Buffer.from("x"))).body).toMatchObject({ code: "denied" });
  });

  it("never changes, not even by hand", async () => {
    await expect(sql("update policy_bundles set serial = 9 where revision = 'kept'")).rejects.toThrow("never change");
  });
});

async function openArchive(): Promise<Record<string, string>> {
  const { data } = await openBundle(await shippedBundle());
  return { "data.json": JSON.stringify(data) };
}

describe("publishing", () => {
  it("puts a bundle in force everywhere, under the next number", async () => {
    const answer = await publish("kept");
    expect(answer).toMatchObject({ status: 200, body: { id: 2, kind: "publish", state: "active", revision: "kept" } });
    await inSnapshot().toMatchObject({ activation: 2, revision: "kept" });
    await eventually(coreJudgesBy).toBe("kept");
    expect((await overview()).history.map(({ id, state }: { id: number; state: string }) => [id, state])).toEqual([
      [2, "active"],
      [1, "replaced"],
    ]);
    const record = (await ask(`GET /admin/decisions/${(await recorded("policy.published"))?.decision_id}`)).body;
    expect(record).toMatchObject({ target: "kept", labels: { activation: "2", note: "for the test" } });
  });

  it("refuses what is in force already, what is not there, an older serial, and what comes without a note", async () => {
    expect((await publish("kept")).body).toMatchObject({ status: 409, code: "conflict" });
    expect((await publish("unknown")).status).toBe(404);
    await put({ revision: "older", serial: 2 });
    expect((await publish("older")).body).toMatchObject({ code: "policy_bundle_refused", fault: "older_revision" });
    expect((await ask("POST /admin/policies/publish", { revision: "kept" })).status).toBe(422);
    expect((await overview()).active).toMatchObject({ id: 2, revision: "kept" });
  });

  it("is for those whom policy lets", async () => {
    expect((await publish("kept", people.viewer)).body).toMatchObject({ code: "denied" });
    expect((await ask("GET /admin/policies", undefined, people.viewer)).status).toBe(200);
  });

  it("lets one of several at once win, and tells the others", async () => {
    await put({ revision: "contested", serial: 3 });
    const answers = await Promise.all(Array.from({ length: 6 }, () => publish("contested")));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409]);
    expect((await overview()).active).toMatchObject({ id: 3, revision: "contested" });
  });

  it("does not wait for somebody else who is at it", async () => {
    const client = new Client({ connectionString: ground.env.VIVIFIED_CORE_DATABASE_URL });
    await client.connect();
    await client.query("begin; select * from policy_state for update");
    expect((await publish("kept")).body).toMatchObject({ code: "conflict" });
    expect((await rollback()).body).toMatchObject({ code: "conflict" });
    await client.end();
  });
});

describe("rolling back", () => {
  it("goes to the one before, or to any that was in force, under a new number", async () => {
    expect((await rollback()).body).toMatchObject({ id: 4, kind: "rollback", revision: "kept", state: "active" });
    const { revision: shipped } = await openBundle(await shippedBundle());
    expect((await rollback(shipped)).body).toMatchObject({ id: 5, revision: shipped });
    await inSnapshot().toMatchObject({ activation: 5, revision: shipped });
    await eventually(coreJudgesBy).toBe(shipped);
    expect(await recorded("policy.rolled_back")).toMatchObject({ target: shipped });
  });

  it("refuses what was never in force", async () => {
    expect((await rollback("older")).body).toMatchObject({ code: "conflict" });
    expect((await rollback("unknown")).status).toBe(404);
  });
});

describe("a bundle that relaxes floor rules", () => {
  const relaxed = [{ rule: "rpc.not_granted", mode: "report" }];

  it("waits for a second person, who is not the one who asked", async () => {
    await put({ revision: "relaxed", serial: 10, modes: { "rpc.not_granted": "report" } });
    const asked = await publish("relaxed");
    expect(asked).toMatchObject({ status: 202, body: { id: 6, state: "pending", relaxed } });
    expect(await overview()).toMatchObject({ pending: [{ id: 6 }], active: { id: 5 } });
    const own = await ask("POST /admin/policies/activations/6/approve");
    expect(own.body).toMatchObject({ code: "denied", reasons: [{ rule: "policy.second_person" }] });
    expect(await recorded("policy.second_person")).toMatchObject({ entrypoint: "refused", effect: "deny" });
    expect((await snapshotPolicy())?.activation).toBe(5);
  });

  it("lets no other publication push it aside", async () => {
    await put({ revision: "impatient", serial: 11 });
    expect((await publish("impatient")).body).toMatchObject({ code: "conflict", detail: expect.stringContaining("6") });
  });

  it("raises an alert when it is put in force: an event, a record", async () => {
    const approved = await ask("POST /admin/policies/activations/6/approve", undefined, people.ben);
    expect(approved.body).toMatchObject({ id: 6, state: "active", decided_by: expect.any(String) });
    await inSnapshot().toMatchObject({ activation: 6, revision: "relaxed" });
    const [event] = await sql("select payload from outbox where event_type = 'SecurityAlert'");
    expect(event?.payload).toMatchObject({
      kind: "policy_floor_relaxed",
      severity: "high",
      message: expect.stringContaining("rpc.not_granted (report)"),
    });
    expect(await recorded("policy.floor_relaxed")).toMatchObject({ target: "relaxed" });
    expect(await recorded("policy.approved")).toMatchObject({ target: "relaxed" });
  });

  it("waits when it is rolled back to, too; rolling back from it does not", async () => {
    expect((await rollback()).body).toMatchObject({ id: 7, state: "active" });
    expect(await rollback("relaxed")).toMatchObject({ status: 202, body: { id: 8, state: "pending" } });
    const rejected = await ask("POST /admin/policies/activations/8/reject");
    expect(rejected.body).toMatchObject({ id: 8, state: "rejected" });
    expect((await ask("POST /admin/policies/activations/8/approve", undefined, people.ben)).status).toBe(409);
    expect((await ask("POST /admin/policies/activations/99/approve", undefined, people.ben)).status).toBe(404);
    expect((await ask("POST /admin/policies/activations/x/approve", undefined, people.ben)).status).toBe(422);
  });

  it("lapses when a rollback takes effect before it is decided", async () => {
    expect((await publish("relaxed")).body).toMatchObject({ id: 9, state: "pending" });
    expect((await rollback("kept")).body).toMatchObject({ id: 10, state: "active", revision: "kept" });
    expect(await overview()).toMatchObject({ pending: [], active: { id: 10 } });
    expect(await recorded("policy.superseded")).toMatchObject({ target: "relaxed" });
  });
});

describe("shadow", () => {
  const shadow = "/admin/policies/shadow";

  it("names a candidate in the snapshot, with its pieces in the bucket, until it ends", async () => {
    expect((await ask(`GET ${shadow}`)).status).toBe(404);
    await put({ revision: "candidate", serial: 20 });
    expect((await ask(`PUT ${shadow}`, { revision: "candidate" })).body).toMatchObject({ judged: 0, examples: [] });
    await inSnapshot().toMatchObject({ activation: 10, shadow: { revision: "candidate" } });
    const named = (await snapshotPolicy())?.shadow;
    expect((await readPieces(named?.parts ?? [], policies)).length).toBe(named?.bytes);
    expect((await overview()).shadow).toBe("candidate");
    expect((await ask(`DELETE ${shadow}`)).status).toBe(204);
    expect((await ask(`DELETE ${shadow}`)).status).toBe(204);
    await inSnapshot().not.toHaveProperty("shadow");
  });

  it("refuses a candidate that is not there or in force", async () => {
    expect((await ask(`PUT ${shadow}`, { revision: "unknown" })).status).toBe(404);
    expect((await ask(`PUT ${shadow}`, { revision: "kept" })).body).toMatchObject({ code: "conflict" });
  });

  it("adds up what the gateways report of it, and of nothing else", async () => {
    await ask(`PUT ${shadow}`, { revision: "candidate" });
    const report = (revision: string, judged: number, id: string) => ({
      ...{ revision, since: `2026-01-0${judged}T00:00:00Z`, judged, skipped: 1, failed: 0 },
      ...{ would_deny: judged, would_allow: 0, fields_changed: 2 },
      examples: [{ decision_id: id, entrypoint: "rpc/invoke", active: "allow", candidate: "deny", rules: ["x"] }],
    });
    const tell = (writer: string, told: object) =>
      statuses.put(
        policyStatusKey(writer),
        JSON.stringify({ writer, activation: 10, reported_at: new Date().toISOString(), shadow: told }),
      );
    await tell("gateway-1", report("candidate", 2, "01"));
    await tell("gateway-2", report("candidate", 3, "02"));
    await tell("gateway-3", report("another", 4, "03"));
    await statuses.put(policyStatusKey("gateway-4"), "no status");
    await eventually(async () => (await overview()).gateways.length).toBe(3);
    expect((await ask(`GET ${shadow}`)).body).toMatchObject({
      ...{ revision: "candidate", since: "2026-01-02T00:00:00Z", judged: 5, skipped: 2, would_deny: 5 },
      examples: [{ decision_id: "02" }, { decision_id: "01" }],
    });
  });

  it.each([
    ["a sentence that a terminal would obey", { fault: "malformed", detail: "\u001b[2Jall is well" }],
    ["a sentence without end", { fault: "malformed", detail: "x".repeat(501) }],
  ])("believes no gateway that says %s", async (_, told) => {
    const status = { activation: 10, reported_at: new Date().toISOString(), refused: { activation: 10, ...told } };
    await statuses.put(policyStatusKey("gateway-5"), JSON.stringify({ writer: "gateway-5", ...status }));
    await statuses.put(
      policyStatusKey("gateway-6"),
      JSON.stringify({ ...status, writer: "gateway-6", refused: undefined }),
    );
    const writers = async () => (await overview()).gateways.map(({ writer }: { writer: string }) => writer);
    await eventually(writers).toContain("gateway-6");
    expect(await writers()).not.toContain("gateway-5");
    await statuses.delete(policyStatusKey("gateway-6"));
    await eventually(writers).not.toContain("gateway-6");
  });

  it("remembers the thousand gateways that spoke last, however many say that they are one", async () => {
    const tell = (writer: string) =>
      statuses.put(
        policyStatusKey(writer),
        JSON.stringify({ writer, activation: 1, reported_at: new Date().toISOString() }),
      );
    for (let index = 0; index < 1_001; index++) await tell(`crowd-${index}`);
    await tell("crowd-last");
    const writers = async () => (await overview()).gateways.map(({ writer }: { writer: string }) => writer);
    await eventually(writers).toContain("crowd-last");
    expect(await writers()).toHaveLength(1_000);
    expect(await writers()).not.toContain("crowd-0");
  });

  it("ends when the candidate is put in force", async () => {
    expect((await publish("candidate")).body).toMatchObject({ id: 11, state: "active" });
    await inSnapshot().toMatchObject({ revision: "candidate" });
    await inSnapshot().not.toHaveProperty("shadow");
  });
});

describe("core", () => {
  it("keeps the policy over a restart, and shipped bundles replace no published one", async () => {
    await core[Symbol.asyncDispose]();
    core = await TestCore.start(ground);
    expect((await overview()).active).toMatchObject({ id: 11, revision: "candidate" });
    await eventually(coreJudgesBy).toBe("candidate");
  });

  it("keeps judging by the last good one when what is in force cannot be opened", async () => {
    await sql(`
      alter table policy_bundles disable trigger all;
      update policy_bundles set archive = 'damaged' where revision = 'older';
      alter table policy_bundles enable trigger all;
      update policy_activations set state = 'replaced' where state = 'active';
      insert into policy_activations select 12, tenant_id, kind, 'older', 'active', note, requested_by, requested_at
        from policy_activations where id = 11`);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    await overview();
    expect(await coreJudgesBy()).toBe("candidate");
  });
});
