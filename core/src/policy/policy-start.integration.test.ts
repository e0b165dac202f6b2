import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type KV, Kvm } from "@nats-io/kv";
import { buckets, snapshotPartKey } from "@vivified/contracts";
import { openBundle } from "@vivified/pdp";
import { type BundleChanges, resealBundle, shippedBundle, testSigner } from "@vivified/pdp/fixtures";
import { hasIntactPiece } from "@vivified/runtime";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, TestCore, TestGround } from "../core.fixtures.ts";
import { policyDistribution } from "./distribute-policy.ts";
import { bundleOf, openPeople, type People, upload } from "./policy-world.fixtures.ts";

const stack = new AsyncDisposableStack();
let ground: TestGround;
let core: TestCore;
let people: People;
let shipped: string;
let pieces: KV;

beforeAll(async () => {
  ground = stack.use(await TestGround.open());
  shipped = (await openBundle(await shippedBundle())).revision;
  pieces = await new Kvm(stack.use(await ground.nats.connect("gateway"))).open(buckets.policy);
});
afterAll(() => stack.disposeAsync());

const file = () => ground.env.VIVIFIED_CORE_POLICY_BUNDLE_FILE ?? "";
const ship = async (changes: BundleChanges) => writeFile(file(), await bundleOf(ground, changes));
const overview = async () => (await core.ask("GET /admin/policies", { token: await core.logIn() })).body;
const publish = (revision: string, token: string) =>
  core.ask("POST /admin/policies/publish", { token, body: { revision, note: "because" } });

async function sql(text: string): Promise<void> {
  const client = new Client({ connectionString: ground.env.VIVIFIED_CORE_DATABASE_URL });
  await client.connect();
  await client.query(text);
  await client.end();
}

async function keysFile(name: string, keys: Iterable<readonly [string, object]>): Promise<string> {
  const path = join(ground.directory, name);
  await writeFile(path, JSON.stringify(Object.fromEntries(keys)));
  return path;
}

/** Core, started anew. */
async function restart(overrides: Record<string, string> = {}): Promise<void> {
  await core?.[Symbol.asyncDispose]();
  core = await TestCore.start(ground, overrides);
  stack.defer(() => core[Symbol.asyncDispose]());
}

describe("a platform without a policy", () => {
  it.each<[string, () => Promise<void>]>([
    ["there is no shipped bundle", async () => {}],
    ["it is damaged", () => writeFile(file(), "nonsense")],
    ["it relaxes floor rules", () => ship({ modes: { "rpc.not_granted": "off" } })],
  ])("does not start when %s", async (_name, prepare) => {
    const missing = { VIVIFIED_CORE_POLICY_BUNDLE_FILE: join(ground.directory, "absent") };
    await prepare();
    const overrides = _name.startsWith("there") ? missing : {};
    await expect(TestCore.start(ground, overrides)).rejects.toThrow(/cannot be read|malformed|relaxes/);
  });

  it("does not start with keys that cannot be read", async () => {
    const bad = join(ground.directory, "bad-keys.json");
    await writeFile(bad, "{}");
    await expect(TestCore.start(ground, { VIVIFIED_CORE_POLICY_KEYS_FILE: bad })).rejects.toThrow("policy keys");
  });
});

describe("the shipped bundle", () => {
  it("is replaced by a newer shipped one as long as nobody published anything", async () => {
    await ship({});
    await restart();
    expect((await overview()).active).toMatchObject({ id: 1, revision: shipped });
    await restart();
    expect((await overview()).active).toMatchObject({ id: 1 });
    await ship({ revision: "next", serial: 2 });
    await restart();
    expect((await overview()).active).toMatchObject({ id: 2, kind: "bootstrap", revision: "next" });
  });

  it("stays in force when the next one is older, damaged or relaxes floor rules", async () => {
    for (const make of [
      () => ship({ revision: "past", serial: 1 }),
      () => writeFile(file(), "nonsense"),
      () => ship({ revision: "lax", serial: 9, modes: { "rpc.not_granted": "off" } }),
    ]) {
      await make();
      await restart();
      expect((await overview()).active).toMatchObject({ id: 2, revision: "next" });
    }
  });
});

describe("where every publication takes two", () => {
  beforeAll(async () => {
    await restart({ VIVIFIED_CORE_POLICY_APPROVAL: "always" });
    people = await openPeople(core);
  });

  it("waits for a second person, and says so in the overview", async () => {
    await upload(core, people.ann, await bundleOf(ground, { revision: "two", serial: 3 }));
    expect(await publish("two", people.ann)).toMatchObject({ status: 202, body: { id: 3, state: "pending" } });
    expect(await overview()).toMatchObject({ approval_required: true, active: { id: 2 } });
    const approved = await core.ask("POST /admin/policies/activations/3/approve", { token: people.ben });
    expect(approved.body).toMatchObject({ id: 3, state: "active" });
  });

  it("lets a rollback through: going back to what was agreed on waits for nobody", async () => {
    const body = { note: "two is bad" };
    const answer = await core.ask("POST /admin/policies/rollback", { token: people.ann, body });
    expect(answer.body).toMatchObject({ id: 4, state: "active", revision: "next" });
  });

  it("puts nothing in force whose key was taken away while it waited", async () => {
    const second = testSigner("second");
    const both = await keysFile("both.json", [...ground.policySigner.keys, ...second.keys]);
    const approval = { VIVIFIED_CORE_POLICY_APPROVAL: "always" };
    await restart({ ...approval, VIVIFIED_CORE_POLICY_KEYS_FILE: both });
    const signed = await resealBundle(await shippedBundle(), { revision: "second", serial: 4 }, second.signer);
    await upload(core, people.ann, signed);
    expect((await publish("second", people.ann)).body).toMatchObject({ id: 5, state: "pending" });
    await restart(approval);
    const approved = await core.ask("POST /admin/policies/activations/5/approve", { token: people.ben });
    expect(approved.body).toMatchObject({ code: "policy_bundle_refused", fault: "unknown_key" });
    expect((await publish("second", people.ben)).body).toMatchObject({ fault: "unknown_key" });
    expect(await overview()).toMatchObject({ active: { id: 4 }, pending: [{ id: 5 }] });
  });

  it("lets nobody in while it trusts no key of what is in force, and says that it is not ready", async () => {
    const other = await keysFile("other.json", [...testSigner("other").keys]);
    await restart({ VIVIFIED_CORE_POLICY_KEYS_FILE: other });
    expect((await core.ask("GET /health")).body).toMatchObject({ ready: false, checks: { policy: false } });
    const answer = await core.ask("GET /admin/policies", { token: await core.logIn() });
    expect(answer.body).toMatchObject({ code: "policy_missing", status: 503 });
    await restart();
  });
});

describe("what is given out", () => {
  const keys = async () => (await Array.fromAsync(await pieces.keys("part.>"))).sort();

  it("is put again when the bucket lost it", async () => {
    const before = await keys();
    for (const key of before) await pieces.purge(key);
    await core.ask("POST /admin/policies/activations/5/reject", { token: people.ann });
    await core.ask("PUT /admin/policies/shadow", { token: people.ann, body: { revision: "two" } });
    await eventually(keys).toHaveLength(2); // in force, and the candidate
  });

  it("is put again when somebody altered it", async () => {
    const [key = ""] = await keys();
    await pieces.put(key, "a lie");
    await core.ask("PUT /admin/policies/shadow", { token: people.ann, body: { revision: "two" } });
    const sha256 = key.slice(snapshotPartKey("").length);
    await eventually(() => hasIntactPiece(sha256, pieces)).toBe(true);
  });

  it("is removed when it is neither in force nor was before, nor a candidate", async () => {
    const kept = ["a", "b", "c"].map((digit) => digit.repeat(64));
    for (const sha256 of [...kept, "d".repeat(64)]) await pieces.put(snapshotPartKey(sha256), sha256);
    const [active, previous, shadow] = kept;
    const policies = {
      active: async () => ({ revision: active }) as never,
      previousRevision: async () => previous,
      shadow: async () => shadow,
      archive: async () => undefined,
      findBundle: async (revision: string) => ({ parts: [revision] }) as never,
    };
    const clock = { now: () => new Date(Date.now() + 61_000) };
    await policyDistribution({ policies, bucket: pieces, clock }).removeUnused();
    expect(await keys()).toEqual(kept.map(snapshotPartKey));
  });
});

describe("a database that was restored to an earlier state", () => {
  it("numbers the activation past the published one, so that gateways take it", async () => {
    await sql(`
      update policy_activations set state = 'replaced' where state = 'active';
      delete from policy_activations where id > 3;
      update policy_activations set state = 'active' where id = 3;
      update policy_state set last_activation = 3, shadow_revision = null;
      update snapshot_revision set revision = 1`);
    await restart();
    await eventually(async () => (await overview()).active).toMatchObject({ id: 5, kind: "rollback", revision: "two" });
  });
});
