import type { AuditRecord } from "@vivified/contracts";
import { readTrail } from "@vivified/runtime/audit-fixtures";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type Reply, startTestGateway, type TestGateway } from "./gateway.fixtures.ts";
import type { TargetPlugin } from "./peer/target-plugin.fixtures.ts";
import { snapshotDocument, snapshotOperation, snapshotPlugin } from "./snapshot/snapshot.fixtures.ts";

const snapshot = snapshotDocument({
  plugins: [snapshotPlugin("caller"), snapshotPlugin("people", { operations: [snapshotOperation("get_user")] })],
  grants: [{ id: "g", plugin: "caller", kind: "rpc", target: "people", operation: "get_user" }],
});

let gateway: TestGateway;
let people: TargetPlugin;

beforeAll(async () => {
  gateway = await startTestGateway({ snapshot, config: { recordTimeoutMs: 500 } });
  people = await gateway.startTarget("people");
  await vi.waitFor(async () => expect((await call()).status).toBe(200), 10_000);
});
afterAll(() => gateway?.[Symbol.asyncDispose]());
beforeEach(() => {
  people.received.length = 0;
  people.answer = () => ({});
});

const call = () => gateway.ask("/gateway/people/get_user", { body: {} });
const health = () => gateway.ask("/health", { method: "GET" });
const recovered = () => vi.waitFor(async () => expect((await call()).status).toBe(200), 15_000);
const decisionsIn = (records: readonly AuditRecord[]) =>
  new Set(records.filter((record) => record.kind === "decision").map((record) => record.decision_id));

describe("gateway, NATS away", () => {
  it("refuses, reaches no target, says so in its health, and recovers by itself", async () => {
    await gateway.nats.kill();
    await vi.waitFor(async () => expect((await health()).json.checks).toMatchObject({ nats: false }), 5_000);
    const reply = await call();
    expect(reply.json).toMatchObject({ status: 503, code: "audit_unavailable", retryable: true });
    expect((await call()).json.code).toBe("audit_unavailable");
    expect((await health()).json).toMatchObject({ status: "unavailable", checks: { audit: false } });
    expect(people.received).toEqual([]);
    await gateway.nats.start();
    await vi.waitFor(async () => expect((await health()).status).toBe(200), 15_000);
    await recovered();
  });

  it("refuses unknown operations, too, while it cannot record them", async () => {
    await gateway.nats.kill();
    const reply = await gateway.ask("/gateway/nobody/nothing", { body: {} });
    expect(reply.json).toMatchObject({ status: 503, code: "audit_unavailable" });
    await gateway.nats.start();
    await recovered();
  });

  it("says that the call took place when only the reply's record cannot be written", async () => {
    people.answer = () => ({ delayMs: 700 });
    const running = call();
    await expect.poll(() => people.received.length).toBe(1);
    await gateway.nats.kill();
    const reply = await running;
    expect(reply.json).toMatchObject({ status: 503, code: "audit_unavailable", executed: true, retryable: false });
    await gateway.nats.start();
    people.answer = () => ({});
    await recovered();
  });

  it("follows the snapshot again after an outage", async () => {
    await gateway.nats.kill();
    await gateway.nats.start();
    await vi.waitFor(() => gateway.core.publish({ ...snapshot, grants: [] }), 15_000);
    await vi.waitFor(async () => expect((await call()).status).toBe(404), 15_000);
    await gateway.core.publish(snapshot);
    await recovered();
  });
});

describe("gateway, NATS killed under load", () => {
  it("lets no call through without a durable record", async () => {
    const replies: Reply[] = [];
    let running = true;
    const load = Array.from({ length: 6 }, async () => {
      while (running) replies.push(await call());
    });
    for (let kill = 0; kill < 3; kill += 1) {
      const before = replies.length;
      await expect.poll(() => replies.length, { timeout: 10_000 }).toBeGreaterThan(before + 10);
      await gateway.nats.kill();
      await gateway.nats.start();
      await recovered();
    }
    running = false;
    await Promise.all(load);
    const decisions = decisionsIn(await readTrail(gateway.connection, gateway.config.writerId));
    const reached = people.received.map((request) => String(request.headers["x-decision-id"]));
    const released = replies.filter((reply) => reply.status === 200).map((reply) => reply.headers["x-decision-id"]);
    expect(reached.length).toBeGreaterThan(20);
    expect(reached.filter((id) => !decisions.has(id))).toEqual([]);
    expect(released.filter((id) => !decisions.has(String(id)))).toEqual([]);
    expect(new Set(reached).size).toBe(reached.length);
    const others = replies.filter((reply) => reply.status !== 200).map((reply) => reply.json.code);
    expect(new Set([...others, "audit_unavailable"])).toEqual(new Set(["audit_unavailable"]));
  }, 90_000);
});

describe("gateways side by side", () => {
  it("write chains of their own, and each answers for the other's call tokens", async () => {
    await using second = await gateway.startAnother({ writerId: "second-gateway" });
    const before = (await readTrail(gateway.connection, gateway.config.writerId)).length;
    const other = (path: string, method: "GET" | "POST") =>
      gateway.ask(path, { method, port: second.port, ...(method === "POST" ? { body: {} } : {}) });
    await vi.waitFor(async () => expect((await other("/gateway/people/get_user", "POST")).status).toBe(200), 15_000);
    await Promise.all(
      Array.from({ length: 40 }, (_, n) => (n % 2 ? call() : other("/gateway/people/get_user", "POST"))),
    );
    expect((await readTrail(gateway.connection, gateway.config.writerId)).length).toBeGreaterThan(before + 39);
    expect((await readTrail(gateway.connection, "second-gateway")).length).toBeGreaterThan(40);
    const keys = (await gateway.ask("/.well-known/jwks.json", { method: "GET" })).json.keys;
    expect(keys).toHaveLength(2);
    expect((await other("/.well-known/jwks.json", "GET")).json.keys).toHaveLength(2);
  });
});

describe("gateway, stopped", () => {
  it("finishes the call in flight and writes its outcome first", async () => {
    const stopping = await gateway.startAnother({ writerId: "stopping-gateway" });
    const ask = () => gateway.ask("/gateway/people/get_user", { body: {}, port: stopping.port });
    await vi.waitFor(async () => expect((await ask()).status).toBe(200), 15_000);
    people.received.length = 0;
    people.answer = () => ({ delayMs: 500 });
    const running = ask();
    await expect.poll(() => people.received.length).toBe(1);
    await stopping[Symbol.asyncDispose]();
    const reply = await running;
    expect(reply.status).toBe(200);
    const records = await readTrail(gateway.connection, "stopping-gateway");
    const id = reply.headers["x-decision-id"];
    expect(records.find((record) => record.kind === "outcome" && record.decision_id === id)).toBeDefined();
  });
});
