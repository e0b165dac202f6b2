import { type AuditRecord, callTokenType, type DecisionRecord, processSpiffeId } from "@vivified/contracts";
import { meshDispatcher } from "@vivified/runtime";
import { readTrail } from "@vivified/runtime/audit-fixtures";
import { heldSvid } from "@vivified/runtime/fixtures";
import { createLocalJWKSet, jwtVerify } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { startTestGateway, type TestGateway } from "../../gateway.fixtures.ts";
import type { TargetPlugin } from "../../peer/target-plugin.fixtures.ts";
import { snapshotDocument, snapshotOperation, snapshotPlugin } from "../../snapshot/snapshot.fixtures.ts";

const person = { id: "42", email: "ada@example.org", name: "Ada" };
const note = { type: "string", "x-vivified-traits": ["pii"] };
const labelled = { type: "object", properties: { note, topic: { type: "string" } } };
const snapshot = snapshotDocument({
  plugins: [
    snapshotPlugin("caller", { traits: ["handles_pii"] }),
    snapshotPlugin("newsletter", { traits: ["notifications"] }),
    snapshotPlugin("waiting", { status: "registered" }),
    snapshotPlugin("banned", { status: "disabled" }),
    snapshotPlugin("people", {
      traits: ["handles_pii"],
      operations: [
        snapshotOperation("get_user"),
        snapshotOperation("fetch", { method: "GET", path: "/api/users/{id}", idempotent: true }),
        snapshotOperation("slow", { timeout_ms: 200 }),
        snapshotOperation("strict", {
          input: { type: "object", required: ["id"], properties: { id: { type: "string" } } },
          output: { type: "object", required: ["id"], properties: { id: { type: "string" } } },
        }),
        snapshotOperation("broken", { output: { type: "no such type" } }),
        snapshotOperation("secret"),
      ],
    }),
    snapshotPlugin("mailer", {
      operations: [snapshotOperation("send"), snapshotOperation("labelled", { input: labelled, output: labelled })],
    }),
    snapshotPlugin("resting", { status: "disabled", operations: [snapshotOperation("run")] }),
    snapshotPlugin("absent", { operations: [snapshotOperation("run")] }),
  ],
  grants: [
    ...["get_user", "fetch", "slow", "strict", "broken"].map((operation) => ({
      id: `g-${operation}`,
      plugin: "caller",
      kind: "rpc" as const,
      target: "people",
      operation,
    })),
    { id: "g-labelled", plugin: "caller", kind: "rpc", target: "mailer", operation: "labelled" },
    { id: "g-news-labelled", plugin: "newsletter", kind: "rpc", target: "mailer", operation: "labelled" },
    { id: "g-resting", plugin: "caller", kind: "rpc", target: "resting", operation: "run" },
    { id: "g-send", plugin: "caller", kind: "rpc", target: "mailer", operation: "send" },
    { id: "g-run", plugin: "caller", kind: "rpc", target: "absent", operation: "run" },
    { id: "g-news", plugin: "newsletter", kind: "rpc", target: "people", operation: "get_user" },
    { id: "g-banned", plugin: "banned", kind: "rpc", target: "people", operation: "get_user" },
  ],
});

let gateway: TestGateway;
let people: TargetPlugin;
let mailer: TargetPlugin;

beforeAll(async () => {
  gateway = await startTestGateway({ snapshot });
  people = await gateway.startTarget("people");
  mailer = await gateway.startTarget("mailer");
  await vi.waitFor(async () => {
    expect((await gateway.ask("/health", { method: "GET" })).status).toBe(200);
    expect((await gateway.ask("/gateway/mailer/send", { body: {} })).status).toBe(200);
  }, 10_000);
});
afterAll(() => gateway?.[Symbol.asyncDispose]());
beforeEach(() => {
  for (const target of [people, mailer]) {
    target.received.length = 0;
    target.answer = () => ({});
  }
});

const records = () => readTrail(gateway.connection, gateway.config.writerId);
async function recordOf(decisionId: string): Promise<DecisionRecord> {
  const found = (await records()).find((each) => each.kind === "decision" && each.decision_id === decisionId);
  if (found?.kind !== "decision") throw new Error(`there is no record of ${decisionId}`);
  return found;
}
const rulesOf = async (decisionId: string) => (await recordOf(decisionId)).result.reasons.map((reason) => reason.rule);

describe("rpc lane", () => {
  it("lets a granted call through, with proof of who called and why", async () => {
    people.answer = () => ({ body: JSON.stringify(person) });
    const reply = await gateway.ask("/gateway/people/get_user", { body: { id: "42" } });
    expect(reply.status).toBe(200);
    expect(reply.json).toEqual(person);
    const [seen] = people.received;
    expect(seen).toMatchObject({ method: "POST", path: "/operations/get_user", body: '{"id":"42"}' });
    expect(seen?.headers).toMatchObject({
      "x-caller-plugin": "caller",
      "x-decision-id": reply.headers["x-decision-id"],
    });
    const keys = createLocalJWKSet((await gateway.ask("/.well-known/jwks.json", { method: "GET" })).json);
    const token = await jwtVerify(String(seen?.headers["x-vivified-token"]), keys, { typ: callTokenType });
    expect(token.payload).toMatchObject({
      iss: "spiffe://vivified.local/gateway",
      sub: "spiffe://vivified.local/plugin/caller",
      aud: "spiffe://vivified.local/plugin/people",
      decision_id: reply.headers["x-decision-id"],
      action: "rpc:get_user",
    });
  });

  it("redacts what the target may not see, at any depth", async () => {
    const body = { to: [{ email: "ada@example.org", topic: "news" }] };
    const reply = await gateway.ask("/gateway/mailer/send", { body });
    expect(reply.status).toBe(200);
    expect(JSON.parse(mailer.received[0]?.body ?? "")).toEqual({ to: [{ email: "REDACTED", topic: "news" }] });
  });

  it("redacts what the caller may not see in the reply", async () => {
    people.answer = () => ({ body: JSON.stringify(person) });
    const reply = await gateway.ask("/gateway/people/get_user", { as: "newsletter", body: { id: "42" } });
    expect(reply.json).toEqual({ id: "42", email: "REDACTED", name: "REDACTED" });
  });

  it("goes by what the schemas say of a field, whatever its name and value look like", async () => {
    mailer.answer = () => ({ body: '{"note":"green","topic":"reply"}' });
    const body = { note: "blue", topic: "call" };
    const cleared = await gateway.ask("/gateway/mailer/labelled", { body });
    expect(JSON.parse(mailer.received[0]?.body ?? "")).toEqual({ note: "REDACTED", topic: "call" });
    expect(cleared.json).toEqual({ note: "green", topic: "reply" });
    const other = await gateway.ask("/gateway/mailer/labelled", { as: "newsletter", body });
    expect(other.json).toEqual({ note: "REDACTED", topic: "reply" });
  });

  it("records both decisions before it answers, and the outcome after", async () => {
    const reply = await gateway.ask("/gateway/people/get_user", { body: { id: "42" } });
    const id = String(reply.headers["x-decision-id"]);
    const invoke = await recordOf(id);
    expect(invoke).toMatchObject({
      lane: "rpc",
      entrypoint: "rpc/invoke",
      path: "vivified/rpc/invoke/decision",
      caller: "caller",
      action: "invoke",
      resource: "people.get_user",
      target: "people",
    });
    expect(JSON.stringify(invoke)).not.toContain('"42"');
    const after = await records();
    expect(after.find((each) => each.kind === "decision" && each.parent_id === id)).toMatchObject({ action: "reply" });
    const outcome = (each: AuditRecord) => each.kind === "outcome" && each.decision_id === id;
    await expect.poll(async () => (await records()).find(outcome)).toMatchObject({ outcome: "done", status: 200 });
  });

  it("answers an operation the caller may not know like one that does not exist", async () => {
    const headers = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };
    const ungranted = await gateway.ask("/gateway/people/secret", { as: "newsletter", headers, body: {} });
    const absent = await gateway.ask("/gateway/nobody/nothing", { as: "newsletter", headers, body: {} });
    const without = ({ decision_id, ...rest }: Record<string, unknown>) => rest;
    const stable = ({ date, ...rest }: Record<string, unknown>) => rest;
    expect(ungranted.status).toBe(404);
    expect(without(ungranted.json)).toEqual(without(absent.json));
    expect(stable(ungranted.headers)).toEqual(stable(absent.headers));
    expect(await rulesOf(ungranted.json.decision_id)).toEqual(["rpc.not_granted"]);
    expect(await rulesOf(absent.json.decision_id)).toEqual(["rpc.unknown_operation"]);
    expect(people.received).toEqual([]);
  });

  it("answers and records a name of any length like any other that does not exist", async () => {
    const reply = await gateway.ask(`/gateway/people/${"a".repeat(2_000)}`, { as: "newsletter", body: {} });
    expect([reply.status, reply.json.code]).toEqual([404, "not_found"]);
    expect(await recordOf(reply.json.decision_id)).toMatchObject({ resource: "unnameable" });
  });

  it("looks at no payload for an operation the caller may not know", async () => {
    const body = { "123-45-6789": 1, ["k".repeat(600)]: 1 };
    const ungranted = await gateway.ask("/gateway/people/secret", { as: "newsletter", body });
    const absent = await gateway.ask("/gateway/nobody/nothing", { as: "newsletter", body });
    expect([ungranted.status, ungranted.json.code]).toEqual([absent.status, absent.json.code]);
    const record = await recordOf(ungranted.json.decision_id);
    expect([record.input?.fields, record.payload_digest]).toEqual([[], undefined]);
    expect((await gateway.ask("/gateway/people/get_user", { body })).status).toBe(400);
  });

  it("tells a caller nothing about the input of an operation it may not know", async () => {
    const reply = await gateway.ask("/gateway/people/strict", { as: "newsletter", body: { wrong: 1 } });
    expect(reply.status).toBe(404);
  });

  it("fills path parameters from the payload, percent-encoded, and refuses dot segments", async () => {
    await gateway.ask("/gateway/people/fetch", { body: { id: "a/b c" } });
    expect(people.received[0]).toMatchObject({ method: "GET", path: "/api/users/a%2Fb%20c", body: "" });
    const dots = await gateway.ask("/gateway/people/fetch", { body: { id: ".." } });
    expect(dots.json).toMatchObject({ status: 422, code: "invalid" });
    expect(people.received).toHaveLength(1);
  });

  it("checks the input schema of a granted operation", async () => {
    const reply = await gateway.ask("/gateway/people/strict", { body: { id: 7 } });
    expect(reply.json).toMatchObject({ status: 422, violations: [{ pointer: "/id" }] });
    expect(await rulesOf(reply.json.decision_id)).toEqual(["rpc.input_schema"]);
    expect(people.received).toEqual([]);
  });

  it("withholds nothing silently: a reply that breaks its schema says that the call took place", async () => {
    const reply = await gateway.ask("/gateway/people/strict", { body: { id: "7" } });
    expect(reply.json).toMatchObject({ status: 502, code: "target_failed", executed: true, retryable: false });
  });

  it("takes a schema that cannot be compiled for one that no reply keeps", async () => {
    const reply = await gateway.ask("/gateway/people/broken", { body: {} });
    expect(reply.json).toMatchObject({ status: 502, code: "target_failed", executed: true });
  });

  it("denies a call with more fields than policy can judge, and records that", async () => {
    const body = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`field-${n}`, n]));
    const reply = await gateway.ask("/gateway/people/get_user", { body });
    expect(reply.status).toBe(403);
    const record = await recordOf(reply.json.decision_id);
    expect(record.result.reasons[0]?.rule).toBe("pdp.input_too_large");
    expect([record.input, record.payload_digest]).toEqual([undefined, expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect(people.received).toEqual([]);
  });

  it("calls the instances of a plugin in turn", async () => {
    await using second = await gateway.startTarget("people", "2");
    await vi.waitFor(async () => {
      await gateway.ask("/gateway/people/get_user", { body: {} });
      expect(second.received.length).toBeGreaterThan(0);
    }, 5_000);
    const [one, two] = [people.received.length, second.received.length];
    for (let n = 0; n < 6; n += 1) await gateway.ask("/gateway/people/get_user", { body: {} });
    expect([people.received.length - one, second.received.length - two]).toEqual([3, 3]);
    await gateway.core.dropNode({ plugin_id: "people", instance: "2" });
    await vi.waitFor(async () => {
      const before = second.received.length;
      for (let n = 0; n < 2; n += 1) await gateway.ask("/gateway/people/get_user", { body: {} });
      expect(second.received.length).toBe(before);
    }, 5_000);
  });

  it("withholds the reply when the grant is withdrawn while the call runs", async () => {
    const without = { ...snapshot, grants: snapshot.grants.filter((grant) => grant.id !== "g-get_user") };
    people.answer = () => ({ body: JSON.stringify(person), delayMs: 1_000 });
    const running = gateway.ask("/gateway/people/get_user", { body: { id: "42" } });
    await expect.poll(() => people.received.length).toBe(1);
    await gateway.core.publish(without);
    const reply = await running;
    expect(reply.json).toMatchObject({ status: 403, code: "reply_withheld", executed: true, retryable: false });
    await gateway.core.publish(snapshot);
    await expect
      .poll(async () => (await gateway.ask("/gateway/people/get_user", { body: {} })).status, { timeout: 5_000 })
      .toBe(200);
  });

  it("withholds a reply that cannot be judged", async () => {
    people.answer = () => ({ body: '{"ada@example.org":"subscribed"}' });
    const reply = await gateway.ask("/gateway/people/get_user", { body: {} });
    expect(reply.json).toMatchObject({ status: 403, code: "reply_withheld", executed: true, retryable: false });
    expect(reply.json.reasons).toMatchObject([{ rule: "rpc.unjudgeable_reply" }]);
  });

  it.each([
    ["answers 500", { status: 500, body: "{}" }],
    ["hangs up", { hangUp: true }],
    ["answers no JSON", { body: "<html>" }],
    ["answers an array", { body: "[]" }],
    ["answers a key twice", { body: '{"a":1,"a":2}' }],
    ["redirects", { status: 302, body: "" }],
  ])("answers 502 when the target %s", async (_, answer) => {
    people.answer = () => answer;
    const reply = await gateway.ask("/gateway/people/get_user", { body: {} });
    expect(reply.json).toMatchObject({ status: 502, code: "target_failed", retryable: false });
    expect(reply.json.decision_id).toBeDefined();
  });

  it("passes on what the target refuses", async () => {
    people.answer = () => ({ status: 409, body: '{"why":"taken"}' });
    const reply = await gateway.ask("/gateway/people/get_user", { body: {} });
    expect([reply.status, reply.json]).toEqual([409, { why: "taken" }]);
  });

  it("answers 504 when the target takes longer than its operation may", async () => {
    people.answer = () => ({ delayMs: 1_000 });
    const reply = await gateway.ask("/gateway/people/slow", { body: {} });
    expect(reply.json).toMatchObject({ status: 504, code: "target_timeout", retryable: false });
  });

  it.each([
    ["again when doing it twice is doing it once", "fetch", true],
    ["not again when it is not", "get_user", false],
  ])("says of a call that failed that it may be made %s", async (_, operation, retryable) => {
    people.answer = () => ({ status: 500 });
    const reply = await gateway.ask(`/gateway/people/${operation}`, { body: { id: "42" } });
    expect(reply.json).toMatchObject({ status: 502, code: "target_failed", retryable });
  });

  it("calls no plugin in quarantine, although its instance is still there", async () => {
    await using resting = await gateway.startTarget("resting");
    const reply = await gateway.ask("/gateway/resting/run", { body: {} });
    expect(reply.json).toMatchObject({ status: 503, code: "target_unavailable" });
    expect(resting.received).toEqual([]);
  });

  it("answers 503 when no instance of the target is ready, and records the refusal after its permit", async () => {
    const reply = await gateway.ask("/gateway/absent/run", { body: {} });
    expect(reply.json).toMatchObject({ status: 503, code: "target_unavailable", retryable: true });
    const record = await recordOf(reply.json.decision_id);
    expect(record.result.reasons[0]?.rule).toBe("rpc.target_unavailable");
    expect(record.parent_id).toBeDefined();
  });
});

describe("rpc lane, bad input", () => {
  it.each([
    ["malformed JSON", '{"a":', 400, "malformed"],
    ["an array", "[1]", 400, "malformed"],
    ["a key twice", '{"a":1,"a":2}', 400, "duplicate_key"],
    ["a prototype key", '{"__proto__":{"admin":true}}', 400, "malformed"],
    ["a number no double holds", '{"a":1e400}', 400, "number_out_of_range"],
    ["an integer no double holds", '{"a":9007199254740993}', 400, "number_out_of_range"],
    ["half a character", '{"a":"\\ud800"}', 400, "malformed"],
    ["too many levels", `{"a":${"[".repeat(70)}${"]".repeat(70)}}`, 400, "too_deep"],
    ["too much", `{"a":"${"x".repeat(1_100_000)}"}`, 413, "too_large"],
    ["a key that is a star", '{"people":{"*":1}}', 400, "malformed"],
  ])("refuses %s", async (_, body, status, code) => {
    const reply = await gateway.ask("/gateway/people/get_user", { body });
    expect(reply.json).toMatchObject({ status, code });
    expect(people.received).toEqual([]);
  });

  it("refuses another content type", async () => {
    const reply = await gateway.ask("/gateway/people/get_user", {
      headers: { "content-type": "text/plain" },
      body: "x",
    });
    expect(reply.json).toMatchObject({ status: 415, code: "unsupported_media_type" });
  });

  it("refuses a call without a body", async () => {
    const reply = await gateway.ask("/gateway/people/get_user");
    expect(reply.json).toMatchObject({ status: 400, code: "malformed" });
  });

  it.each([
    ["X-Plugin-Id", { headers: { "x-plugin-id": "caller" }, body: {} }],
    ["plugin_id", { body: { plugin_id: "caller" } }],
  ])("refuses a forged %s", async (_, asking) => {
    const reply = await gateway.ask("/gateway/people/get_user", { as: "newsletter", ...asking });
    expect(reply.json).toMatchObject({ status: 403, code: "source_mismatch" });
    expect(await recordOf(reply.json.decision_id)).toMatchObject({ caller: "newsletter", entrypoint: "refused" });
    expect(people.received).toEqual([]);
  });

  it("accepts a claim that is true", async () => {
    const asking = { as: "newsletter", headers: { "x-plugin-id": "newsletter" }, body: { plugin_id: "newsletter" } };
    expect((await gateway.ask("/gateway/people/get_user", asking)).status).toBe(200);
  });
});

describe("rpc lane, strangers", () => {
  it.each([
    ["unknown", "stranger", "peer.unknown"],
    ["not approved", "waiting", "peer.not_approved"],
    ["quarantined", "banned", "peer.disabled"],
  ])("refuses a plugin that is %s, and records its certificate", async (_, as, rule) => {
    const reply = await gateway.ask("/gateway/people/get_user", { as, body: {} });
    expect(reply.json).toMatchObject({ status: 403, code: "denied" });
    const record = await recordOf(reply.json.decision_id);
    expect(record.caller).toBe(`spiffe://vivified.local/plugin/${as}`);
    expect(record.result.reasons[0]?.rule).toBe(rule);
    expect(people.received).toEqual([]);
  });

  it("does not know a certificate of another trust domain that our authority signed", async () => {
    const as = await gateway.authority.issue("spiffe://elsewhere.example/plugin/caller");
    const reply = await gateway.ask("/gateway/people/get_user", { as, body: {} });
    expect(reply.json).toMatchObject({ status: 401, code: "unauthenticated" });
  });

  it("refuses an expired certificate", async () => {
    const notAfter = new Date(Date.now() - 1_000);
    const as = await gateway.authority.issue("spiffe://vivified.local/plugin/caller", { notAfter });
    await expect(gateway.ask("/gateway/people/get_user", { as, body: {} })).rejects.toThrow();
  });

  it("stops knowing a peer whose certificate expires while its connection lives", async () => {
    const notAfter = new Date(Date.now() + 2_000);
    const own = await gateway.authority.issue("spiffe://vivified.local/plugin/caller", { notAfter });
    const gatewayId = processSpiffeId("vivified.local", "gateway");
    await using client = meshDispatcher({ svid: heldSvid(own), expect: gatewayId, connections: 1 });
    const call = async () => {
      const headers = { "content-type": "application/json" };
      const origin = `https://127.0.0.1:${gateway.port}`;
      const path = "/gateway/people/get_user";
      const reply = await client.dispatcher.request({ origin, path, method: "POST", headers, body: "{}" });
      await reply.body.dump();
      return reply.statusCode;
    };
    expect(await call()).toBe(200);
    await vi.waitFor(async () => expect(await call()).toBe(401), 10_000);
  });

  it("refuses a certificate that names two identities", async () => {
    const alsoUris = ["spiffe://vivified.local/gateway"];
    const as = await gateway.authority.issue("spiffe://vivified.local/plugin/caller", { alsoUris });
    const reply = await gateway.ask("/gateway/people/get_user", { as, body: {} });
    expect(reply.json).toMatchObject({ status: 401 });
  });
});
