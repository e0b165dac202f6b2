import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { type KV, Kvm } from "@nats-io/kv";
import {
  buckets,
  canonicalJson,
  type DecisionRecord,
  type JsonObject,
  type KeptPayload,
  type KeptPayloadRule,
  keptPayloadType,
  type SubjectKeyEntry,
  subjectJwe,
} from "@vivified/contracts";
import { deriveSubjectSecret, Secret } from "@vivified/runtime";
import { type CryptoKey, compactDecrypt, exportJWK, generateKeyPair, importJWK } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { laneDocument, type RunningLanes, runLanes } from "../lanes/running-lanes.fixtures.ts";
import { snapshotOperation, snapshotPlugin } from "../snapshot/snapshot.fixtures.ts";

const subjectSecret = "the subject secret of a test";
const secret = deriveSubjectSecret(subjectSecret);
const rule = (parts: Partial<KeptPayloadRule>): KeptPayloadRule => ({
  ...{ entrypoint: "rpc/invoke", resource: "clinic.note", fields: ["/note", "/list/0"], subject: "/patient" },
  ...parts,
});
const rules = [rule({}), rule({ entrypoint: "events/publish", resource: "Noted" })];

const stack = new AsyncDisposableStack();
let lanes: RunningLanes;
let bucket: KV;
let unwrapKey: CryptoKey;

beforeAll(async () => {
  const pair = await generateKeyPair(subjectJwe.alg, { crv: "P-256", extractable: true });
  unwrapKey = pair.privateKey;
  const { kty = "", crv = "", x = "", y = "" } = await exportJWK(pair.publicKey);
  const document = documentWith({ kty, crv, x, y });
  lanes = stack.use(await runLanes(document, { subjectSecret: new Secret(subjectSecret) }));
  bucket = await new Kvm(lanes.connection).open(buckets.subjectKeys);
  await lanes.startTarget("clinic");
}, 120_000);
afterAll(() => stack.disposeAsync());

function documentWith(wrap_key: JsonObject) {
  const document = laneDocument({
    plugins: [
      snapshotPlugin("caller", { traits: ["handles_pii"] }),
      snapshotPlugin("clinic", { operations: ["note", "other"].map((name) => snapshotOperation(name)) }),
    ],
    grants: [
      ...["note", "other"].map((operation) => ({
        ...{ id: `g-${operation}`, plugin: "caller", kind: "rpc" as const, target: "clinic", operation },
      })),
      { id: "g-noted", plugin: "caller", kind: "publish", event_type: "Noted" },
    ],
    event_types: [{ type: "Noted" }],
  });
  return { ...document, settings: { ...document.settings, kept_payloads: { wrap_key, rules } } };
}

async function call(operation: string, payload: object) {
  const answer = await lanes.post("caller", `/gateway/clinic/${operation}`, payload);
  const records = await lanes.decisions(answer.traceId);
  return { ...answer, record: records.find(({ entrypoint }) => entrypoint === "rpc/invoke"), records };
}

const entryOf = async (subject: string) => (await bucket.get(secret.hash(subject)))?.json<SubjectKeyEntry>();

/** Takes the subject's key away, as core does it: it cannot be written over. */
async function eraseKey(subject: string): Promise<void> {
  const { revision = 0 } = (await bucket.get(secret.hash(subject))) ?? {};
  await (await jetstreamManager(lanes.connection)).streams.deleteMessage(`KV_${buckets.subjectKeys}`, revision);
}

/** As core does it. */
async function opened({ kept, decision_id }: DecisionRecord, subject: string): Promise<unknown> {
  const { key, wrapped = "" } = (await entryOf(subject)) ?? {};
  const unwrapped = await compactDecrypt(wrapped, unwrapKey);
  expect(unwrapped.protectedHeader).toMatchObject({ kid: key, subject: secret.hash(subject) });
  const own = await importJWK(JSON.parse(new TextDecoder().decode(unwrapped.plaintext)), subjectJwe.alg);
  const { plaintext, protectedHeader } = await compactDecrypt(kept?.jwe ?? "", own);
  expect(protectedHeader).toEqual({
    ...{ ...subjectJwe, typ: keptPayloadType, kid: kept?.key, decision_id, epk: expect.anything() },
  });
  return JSON.parse(new TextDecoder().decode(plaintext));
}

describe("payloads that the operator keeps", () => {
  it("are in the record, sealed for whom they are about, and no further field of them", async () => {
    const { status, record } = await call("note", { patient: "p-1", note: "n", list: [7, 8], more: "m" });
    expect([status, record?.kept?.subject]).toEqual([200, secret.hash("p-1")]);
    expect(record && (await opened(record, "p-1"))).toEqual({ "/note": "n", "/list/0": 7 });
  });

  it("are never stored in the clear, and neither is the subject or its private key", async () => {
    await call("note", { patient: "canary-patient", note: "canary-note" });
    const entries = await readdir(lanes.nats.directory, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    const stored = await Promise.all(files.map((file) => readFile(file)));
    expect(stored.some((bytes) => bytes.includes(secret.hash("canary-patient")))).toBe(true);
    expect(stored.some((bytes) => bytes.includes("canary-") || bytes.includes('"d":'))).toBe(false);
  });

  it("are kept by rule only: other operations, other directions and payloads without the fields keep nothing", async () => {
    const other = await call("other", { patient: "p-2", note: "n" });
    const none = await call("note", { patient: "p-2", remark: "n" });
    expect([...other.records, ...none.records].filter(({ kept }) => kept !== undefined)).toEqual([]);
    expect(await entryOf("p-2")).toBeUndefined();
  });

  it("are kept with events too, under the same key of the same subject", async () => {
    const { record } = await call("note", { patient: "p-3", note: "n" });
    const payload = { patient: "p-3", note: "published" };
    const event = { event_type: "Noted", source_plugin: "caller", payload };
    const { traceId } = await lanes.post("caller", "/events/publish", event);
    const [published] = await lanes.decisions(traceId);
    expect(published?.kept).toMatchObject({ subject: record?.kept?.subject, key: record?.kept?.key });
    expect(published && (await opened(published, "p-3"))).toEqual({ "/note": "published" });
  });

  it("are sealed under one key when two gateways see a subject at once", async () => {
    await using another = await lanes.startAnother({ writerId: "another" });
    await expect
      .poll(async () => (await lanes.ask("/health", { method: "GET", port: another.port })).status, { timeout: 20_000 })
      .toBe(200);
    const body = { patient: "p-4", note: "n" };
    const ports = [undefined, another.port, undefined, another.port];
    const asked = ports.map((port) => lanes.ask("/gateway/clinic/note", { body, ...(port && { port }) }));
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const kept = (await lanes.decisions()).flatMap((record): KeptPayload[] => (record.kept ? [record.kept] : []));
    const keys = kept.filter(({ subject }) => subject === secret.hash("p-4")).map(({ key }) => key);
    expect([keys.length, new Set(keys).size]).toEqual([4, 1]);
  });

  it("get a new key when the subject's was destroyed, on every gateway at once", async () => {
    await using another = await lanes.startAnother({ writerId: "third" });
    await expect
      .poll(async () => (await lanes.ask("/health", { method: "GET", port: another.port })).status, { timeout: 20_000 })
      .toBe(200);
    const note = (port?: number) =>
      lanes.ask("/gateway/clinic/note", { body: { patient: "p-5", note: "n" }, ...(port && { port }) });
    await note();
    await note(another.port);
    const before = (await entryOf("p-5"))?.key;
    await eraseKey("p-5");
    await note(another.port);
    const after = (await entryOf("p-5"))?.key;
    await note();
    const kept = (await lanes.decisions()).flatMap((record) => (record.kept ? [record.kept] : []));
    const keys = kept.filter(({ subject }) => subject === secret.hash("p-5")).map(({ key }) => key);
    expect(keys).toEqual([before, before, after, after]);
    expect(after).not.toBe(before);
  });

  it.each([{}, { patient: null }, { patient: "" }, { patient: ["p-6"] }, { patient: 1.5 }])(
    "refuse the action when they name nobody: %j",
    async (named) => {
      const { status, json, records } = await call("note", { ...named, note: "n" });
      expect([status, json.code]).toEqual([400, "malformed"]);
      expect(records.filter(({ result }) => result.effect !== "deny")).toEqual([]);
    },
  );

  it("refuse the action when the key in the bucket is no gateway's", async () => {
    await call("note", { patient: "p-7", note: "n" });
    const entry = await entryOf("p-7");
    await eraseKey("p-7");
    await bucket.put(secret.hash("p-7"), canonicalJson({ ...entry, key: "0".repeat(36) }));
    const { status, json, records } = await call("note", { patient: "p-7", note: "n" });
    expect([status, json.code, records]).toEqual([503, "audit_unavailable", []]);
  });

  it("refuse the action on a gateway that has no subject secret, and only there", async () => {
    await using plain = await lanes.startAnother({ subjectSecret: undefined as never, writerId: "plain" });
    await expect
      .poll(async () => (await lanes.ask("/health", { method: "GET", port: plain.port })).status, { timeout: 20_000 })
      .toBe(200);
    const at = (operation: string) =>
      lanes.ask(`/gateway/clinic/${operation}`, { body: { patient: "p-8", note: "n" }, port: plain.port });
    expect([(await at("note")).json.code, (await at("other")).status]).toEqual(["audit_unavailable", 200]);
  });
});
