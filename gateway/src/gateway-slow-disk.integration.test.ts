import { readTrail } from "@vivified/runtime/audit-fixtures";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type Reply, startTestGateway, type TestGateway } from "./gateway.fixtures.ts";
import type { TargetPlugin } from "./peer/target-plugin.fixtures.ts";
import { snapshotDocument, snapshotOperation, snapshotPlugin } from "./snapshot/snapshot.fixtures.ts";

const snapshot = snapshotDocument({
  plugins: [snapshotPlugin("caller"), snapshotPlugin("people", { operations: [snapshotOperation("get_user")] })],
  grants: [{ id: "g", plugin: "caller", kind: "rpc", target: "people", operation: "get_user" }],
});
const recordTimeoutMs = 2_000;
const callers = 8;

let gateway: TestGateway;
let people: TargetPlugin;

beforeAll(async () => {
  gateway = await startTestGateway({ snapshot, config: { recordTimeoutMs }, nats: { slowable: true } });
  people = await gateway.startTarget("people");
  await recovered();
}, 60_000);
afterAll(() => gateway?.[Symbol.asyncDispose]());
beforeEach(async () => {
  await gateway.nats.slow(0);
  await recovered();
  people.received.length = 0;
}, 90_000);

type Call = { readonly reply: Reply; readonly tookMs: number };

async function call(): Promise<Call> {
  const startedMs = performance.now();
  const reply = await gateway.ask("/gateway/people/get_user", { body: {} });
  return { reply, tookMs: performance.now() - startedMs };
}

const recovered = () => vi.waitFor(async () => expect((await call()).reply.status).toBe(200), 60_000);

/** Callers that call one time after the other, so many times each. */
async function callsOf(each: number): Promise<readonly Call[]> {
  const calls: Call[] = [];
  const caller = async () => {
    for (let n = 0; n < each; n += 1) calls.push(await call());
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return calls;
}

const idOf = ({ reply }: Call) => String(reply.headers["x-decision-id"]);

/** Whatever reached the target or was answered with yes has a record, and nothing two. */
async function expectRecorded(calls: readonly Call[]): Promise<void> {
  const records = await readTrail(gateway.connection, gateway.config.writerId);
  const ids = records.flatMap((one) => (one.kind === "decision" ? [one.decision_id] : []));
  expect(new Set(ids).size).toBe(ids.length);
  const released = calls.filter(({ reply }) => reply.status === 200).map(idOf);
  const reached = people.received.map(({ headers }) => String(headers["x-decision-id"]));
  expect([...released, ...reached].filter((id) => !ids.includes(id))).toEqual([]);
}

describe("gateway, JetStream's disk slow", () => {
  it.each([50, 200])(
    "answers later, after its records, when an fsync takes %i ms",
    async (fsyncMs) => {
      await gateway.nats.slow(fsyncMs);
      const calls = await callsOf(3);
      const released = calls.filter(({ reply }) => reply.status === 200);
      expect(released.length).toBeGreaterThan(0);
      expect(Math.min(...released.map(({ tookMs }) => tookMs))).toBeGreaterThanOrEqual(2 * fsyncMs); // request and reply
      const others = calls.filter(({ reply }) => reply.status !== 200).map(({ reply }) => reply.json.code);
      expect(others.filter((code) => code !== "audit_unavailable")).toEqual([]);
      await expectRecorded(calls);
    },
    120_000,
  );

  it("refuses within its time and reaches nobody when an fsync takes longer than that", async () => {
    await gateway.nats.slow(3 * recordTimeoutMs);
    const calls = await callsOf(2);
    expect(calls.map(({ reply }) => reply.json.code)).toEqual(calls.map(() => "audit_unavailable"));
    expect(Math.max(...calls.map(({ tookMs }) => tookMs))).toBeLessThan(recordTimeoutMs + 10_000);
    expect(people.received).toEqual([]);
    await gateway.nats.slow(0);
    await recovered();
    await expectRecorded(calls);
  }, 120_000);
});
