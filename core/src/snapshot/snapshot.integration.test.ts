import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { type KV, Kvm } from "@nats-io/kv";
import { buckets, type SnapshotDocument, type SnapshotManifest, snapshotPartKey } from "@vivified/contracts";
import { compactVerify } from "jose";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, TestCore, TestGround } from "../core.fixtures.ts";
import { manifestOf } from "../registry/manifest.fixtures.ts";
import { SnapshotBucket } from "./snapshot-bucket.ts";

const stack = new AsyncDisposableStack();
let ground: TestGround;
let core: TestCore;
let bucket: KV;
let publicKey: KeyObject;

beforeAll(async () => {
  ground = stack.use(await TestGround.open());
  publicKey = createPublicKey(readFileSync(ground.env.VIVIFIED_CORE_SNAPSHOT_KEY_FILE ?? ""));
  bucket = await new Kvm(stack.use(await ground.nats.connect("gateway"))).open(buckets.snapshot);
  core = await TestCore.start(ground);
  stack.defer(() => core[Symbol.asyncDispose]());
});
afterAll(() => stack.disposeAsync());

async function manifest(): Promise<SnapshotManifest> {
  const entry = await bucket.get("current");
  const { payload, protectedHeader } = await compactVerify(entry?.string() ?? "", publicKey);
  expect(protectedHeader).toEqual({ alg: "EdDSA", typ: "vivified-snapshot+jwt" });
  return JSON.parse(Buffer.from(payload).toString());
}

/** As a reader does it: verify, fetch parts, check their hashes. */
async function snapshot(): Promise<SnapshotManifest & { readonly document: SnapshotDocument }> {
  const found = await manifest();
  const parts = await Promise.all(
    found.parts.map(async (hash) => {
      const bytes = (await bucket.get(snapshotPartKey(hash)))?.value ?? new Uint8Array();
      expect(createHash("sha256").update(bytes).digest("hex")).toBe(hash);
      return bytes;
    }),
  );
  return { ...found, document: JSON.parse(Buffer.concat(parts).toString()) };
}

const register = (id: string, changes = {}) =>
  core.askAs(id, "POST /plugins/register", { body: { manifest: manifestOf({ id, ...changes }) } });
const approve = async (id: string, grants: readonly unknown[]) =>
  core.ask(`POST /admin/plugins/${id}/approve`, { token: await core.logIn(), body: { grants } });
const pluginIn = async (id: string) => (await snapshot()).document.plugins.find((plugin) => plugin.id === id);

async function sql(text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: ground.env.VIVIFIED_CORE_DATABASE_URL });
  await client.connect();
  const { rows } = await client.query(text);
  await client.end();
  return rows;
}

/** The manifest, once it is as new as the database. */
async function settled(): Promise<SnapshotManifest> {
  const [row] = await sql("select revision from snapshot_revision");
  await eventually(async () => (await manifest()).revision).toBe(Number(row?.revision));
  return manifest();
}

describe("the snapshot", () => {
  it("begins with core itself, what it may publish, and the registered event types", async () => {
    await eventually(() => bucket.get("current")).not.toBeNull();
    const { document } = await snapshot();
    expect(document.plugins).toEqual([
      expect.objectContaining({
        id: "core",
        spiffe_id: "spiffe://vivified.local/core",
        status: "active",
        traits: ["handles_pii"],
      }),
    ]);
    expect(document.grants).toContainEqual({
      id: "core-publishes-UserCreated",
      plugin: "core",
      kind: "publish",
      event_type: "UserCreated",
    });
    expect(document.event_types.find(({ type }) => type === "PatientDataUpdated")?.schema).toMatchObject({
      properties: { diagnosis: { "x-vivified-traits": ["phi"] } },
    });
  });

  it("follows registration, approval and quarantine, one revision each", async () => {
    const { revision } = await settled();
    await register("followed", { endpoints: { get_thing: { path: "/things/{id}", method: "GET", timeout_ms: 100 } } });
    await eventually(() => pluginIn("followed")).toMatchObject({ status: "registered" });
    await approve("followed", [{ kind: "publish", event_type: "EmailSent" }]);
    await eventually(() => pluginIn("followed")).toMatchObject({
      status: "active",
      operations: [
        {
          name: "get_thing",
          method: "GET",
          path: "/things/{id}",
          requires_traits: [],
          idempotent: false,
          timeout_ms: 100,
        },
      ],
      publishes: ["EmailSent"],
      subscribes: ["UserCreated"],
      events_path: "/events",
    });
    await core.ask("POST /admin/plugins/followed/disable", { token: await core.logIn() });
    await eventually(() => pluginIn("followed")).toMatchObject({ status: "disabled" });
    expect((await settled()).revision).toBe(revision + 3);
    await register("followed", { endpoints: { get_thing: { path: "/things/{id}", method: "GET", timeout_ms: 100 } } });
    expect((await settled()).revision).toBe(revision + 3);
  });

  it("keeps the approved traits while an upgrade that asks for more waits", async () => {
    await register("climber", { traits: ["handles_pii", "external_service"] });
    await approve("climber", []);
    await register("climber", { version: "1.0.1", traits: ["handles_pii", "external_service", "handles_financial"] });
    await eventually(() => pluginIn("climber")).toMatchObject({
      version: "1.0.0",
      traits: ["handles_pii", "external_service"],
    });
  });

  it("is signed anew without a change", async () => {
    const before = await settled();
    await expect
      .poll(async () => (await manifest()).made_at, { timeout: 10_000, interval: 500 })
      .not.toBe(before.made_at);
    const after = await manifest();
    expect({ ...after, made_at: "" }).toEqual({ ...before, made_at: "" });
    expect(Date.parse(after.made_at)).toBeGreaterThan(Date.parse(before.made_at));
  });

  it("comes in parts when it is large", async () => {
    const schema = { type: "object", description: "x".repeat(30_000) };
    for (let n = 0; n < 20; n += 1) {
      await register(`large-${n}`, {
        endpoints: { get_thing: { path: "/t", input: { ...schema, title: String(n) }, output: schema } },
      });
    }
    await eventually(async () => (await snapshot()).document.plugins.length).toBeGreaterThan(20);
    expect((await manifest()).parts.length).toBeGreaterThan(1);
  });

  it("never goes back, not even when the database was restored to an earlier state", async () => {
    const { revision } = await settled();
    await core[Symbol.asyncDispose]();
    await sql("update snapshot_revision set revision = 1");
    core = await TestCore.start(ground);
    await eventually(async () => (await manifest()).revision).toBe(revision + 1);
    await register("after-restore");
    await eventually(() => pluginIn("after-restore")).toMatchObject({ status: "registered" });
    expect((await settled()).revision).toBe(revision + 2);
  });

  it("never has one number for two states, not even when the database was changed by hand", async () => {
    await register("by-hand");
    await eventually(() => pluginIn("by-hand")).toMatchObject({ status: "registered" });
    const { revision } = await settled();
    await core[Symbol.asyncDispose]();
    await sql("update plugins set status = 'disabled' where id = 'by-hand'");
    core = await TestCore.start(ground);
    await eventually(() => pluginIn("by-hand")).toMatchObject({ status: "disabled" });
    expect((await manifest()).revision).toBe(revision + 1);
  });

  it("is written by one of two who read the same one before", async () => {
    const nats = stack.use(await ground.nats.connect("installer"));
    const snapshots = new SnapshotBucket(await new Kvm(nats).create("TWO_WRITERS"));
    const [one, two] = [snapshots.replaceCurrent("1", undefined), snapshots.replaceCurrent("2", undefined)];
    expect((await Promise.allSettled([one, two])).map(({ status }) => status).sort()).toEqual([
      "fulfilled",
      "rejected",
    ]);
    const before = await snapshots.current();
    await snapshots.replaceCurrent("3", before);
    await expect(snapshots.replaceCurrent("4", before)).rejects.toThrow();
    expect((await snapshots.current())?.jws).toBe("3");
  });

  it("stays as it is while PostgreSQL is away, and goes on afterwards", async () => {
    const before = await settled();
    await ground.postgres.kill();
    expect((await register("too-early")).body).toMatchObject({ code: "database_unavailable", status: 503 });
    expect((await manifest()).revision).toBe(before.revision);
    await ground.postgres.start();
    await eventually(async () => (await register("in-time")).status).toBe(200);
    await eventually(() => pluginIn("in-time")).toMatchObject({ status: "registered" });
  });
});
