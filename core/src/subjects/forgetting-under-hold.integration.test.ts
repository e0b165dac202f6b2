import { createPrivateKey } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { KV } from "@nats-io/kv";
import type { JsonObject, SubjectKeyEntry } from "@vivified/contracts";
import { createLogger, type NatsConnection, uuidv7 } from "@vivified/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BlockWriter, decisionOf } from "../audit/block.fixtures.ts";
import { holdIngest } from "../audit/held-ingest.fixtures.ts";
import { eventually, TestCore, TestGround } from "../core.fixtures.ts";
import { Database } from "../database/open-database.ts";
import { openPeople, type People } from "../policy/policy-world.fixtures.ts";
import { storesOf } from "../stores.ts";
import { giveKey, keysIn, sealed, secret, subjectEnvironment } from "./subjects.fixtures.ts";

const stack = new AsyncDisposableStack();
let ground: TestGround;
let core: TestCore;
let nats: NatsConnection;
let bucket: KV;
let writer: BlockWriter;
let token: string;
let people: People;
let wrapKey: JsonObject;
let db: Database["db"];

beforeAll(async () => {
  ground = stack.use(await TestGround.open());
  nats = stack.use(await ground.nats.connect("gateway"));
  bucket = await keysIn(nats);
  writer = new BlockWriter(nats);
  const env = await subjectEnvironment(ground);
  wrapKey = await wrapKeyIn(env.VIVIFIED_CORE_SUBJECT_KEY_FILE ?? "");
  core = stack.use(await TestCore.start(ground, env));
  const logger = createLogger({ process: "test", level: "silent" });
  ({ db } = stack.use(new Database({ url: ground.env.VIVIFIED_CORE_DATABASE_URL ?? "", logger })));
  token = await core.logIn();
  people = await openPeople(core);
});
afterAll(() => stack.disposeAsync());

const forget = (subject: string) => core.ask("POST /admin/audit/forget", { token, body: { subject } });
/** Asks until ingest, which a busy machine may hold up, is no reason any more. */
async function settled(subject: string) {
  const answers: Awaited<ReturnType<typeof forget>>["body"][] = [];
  await eventually(async () => answers.unshift((await forget(subject)).body) && answers[0].code).not.toBe(
    "audit_behind",
  );
  return answers[0];
}
const keyOf = async (subject: string) => (await bucket.get(secret.hash(subject)))?.string();
const status = async (id: string) => (await core.ask(`GET /admin/decisions/${id}`, { token })).status;
const recorded = async (rule: string) =>
  (await core.ask(`GET /admin/decisions?rule=${rule}`, { token })).body.decisions;

/** Core's public key, which the snapshot tells gateways. */
async function wrapKeyIn(file: string): Promise<JsonObject> {
  const { kty, crv, x, y } = createPrivateKey(await readFile(file)).export({ format: "jwk" });
  return { kty: kty ?? "", crv: crv ?? "", x: x ?? "", y: y ?? "" };
}

const caller = "workflow-orchestrator";
async function placeHold(scope: object = { caller }): Promise<AsyncDisposable> {
  const body = { reason: "case 7", ...scope };
  const { id } = (await core.ask("POST /admin/audit/holds", { token: people.ann, body })).body;
  const lift = async () => {
    for (const by of [people.ann, people.ben]) await core.ask(`DELETE /admin/audit/holds/${id}`, { token: by });
  };
  return { [Symbol.asyncDispose]: lift };
}

/** A subject with a key, and a record in the stream that keeps something under it; gives the record's id. */
async function keep(subject: string, changes: object = {}): Promise<string> {
  if ((await keyOf(subject)) === undefined) await giveKey(subject, wrapKey, bucket);
  const id = uuidv7();
  const kept = await sealed(subject, { "/note": "evidence" }, { id, bucket });
  await writer.write([decisionOf({ decision_id: id, kept, ...changes })]);
  return id;
}

describe("forgetting while there is a legal hold", () => {
  it("is refused for as long as a record that it might cover is in the stream only", async () => {
    await using _hold = await placeHold();
    {
      await using _ingest = await holdIngest(ground);
      const id = await keep("u-1");
      const refused = await forget("u-1");
      expect(refused.body).toMatchObject({ status: 503, code: "audit_behind", retryable: true });
      expect(refused.body.reasons[0].fix).toContain("ask again");
      expect([await status(id), await keyOf("u-1")]).toEqual([404, expect.any(String)]);
    }
    expect((await settled("u-1")).code).toBe("legal_hold");
    const waited = { resource: `subject ${secret.hash("u-1")}`, effect: "deny" };
    expect(await recorded("audit.forgetting_waits")).toContainEqual(expect.objectContaining(waited));
    expect(await keyOf("u-1")).toBeDefined();
  });

  it("waits for ingest that is under way, and forgets what no hold covers", async () => {
    await using _hold = await placeHold({ caller: "somebody-else" });
    const ids = [];
    for (let at = 0; at < 20; at += 1) ids.push(await keep("u-2"));
    expect((await settled("u-2")).destroyed).toBe(true);
    expect(await Promise.all(ids.map(status))).toEqual(ids.map(() => 200));
  });

  it("sees what got no row of its own, because another record had its id", async () => {
    const id = await keep("u-4", { caller: "somebody-else" });
    await eventually(() => status(id)).toBe(200);
    await giveKey("u-5", wrapKey, bucket);
    await writer.write([decisionOf({ decision_id: id, kept: await sealed("u-5", {}, { id, bucket }) })]);
    await using _hold = await placeHold();
    expect((await settled("u-5")).code).toBe("legal_hold");
    expect((await settled("u-4")).destroyed).toBe(true);
  });

  it("is held up by nobody who only names the key, in what got no row of its own", async () => {
    const [id, key] = [await keep("u-9", { caller: "somebody-else" }), JSON.parse((await keyOf("u-9")) ?? "").key];
    await eventually(() => status(id)).toBe(200);
    await writer.write([decisionOf({ decision_id: id, labels: { key }, input: { kept: { key } } })]);
    await using _hold = await placeHold();
    expect((await settled("u-9")).destroyed).toBe(true);
  });

  it("sees a record that says U+0000 somewhere, as names of a payload may", async () => {
    const input = { fields: [{ path: "/a\u0000b", type: "string", traits: [] }] };
    const ids = [await keep("u-10", { input }), await keep("u-11", { input, caller: "somebody-else" })];
    for (const id of ids) await eventually(() => status(id)).toBe(200);
    await using _hold = await placeHold();
    expect((await settled("u-10")).code).toBe("legal_hold");
    expect((await settled("u-11")).destroyed).toBe(true);
  });

  it("is done again as it was intended, though a hold was placed meanwhile and ingest stands still", async () => {
    const id = await keep("u-6");
    await eventually(() => status(id)).toBe(200);
    const { key } = JSON.parse((await keyOf("u-6")) ?? "") as SubjectKeyEntry;
    await storesOf(db).subjects.forget({ key, subject: secret.hash("u-6") }); // and then it died
    await using _hold = await placeHold();
    await using _ingest = await holdIngest(ground);
    await keep("u-7");
    expect((await forget("u-6")).body.destroyed).toBe(true);
    expect((await forget("u-6")).body.destroyed).toBe(false);
    expect(await keyOf("u-6")).toBeUndefined();
  });
});

it("asks nothing of ingest where there is no legal hold", async () => {
  await using _ingest = await holdIngest(ground);
  await keep("u-8");
  expect((await forget("u-8")).body.destroyed).toBe(true);
});
