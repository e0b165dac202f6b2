import { readTrail } from "@vivified/runtime/audit-fixtures";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { startTestGateway, type TestGateway } from "./gateway.fixtures.ts";
import type { TargetPlugin } from "./peer/target-plugin.fixtures.ts";
import { snapshotDocument, snapshotOperation, snapshotPlugin } from "./snapshot/snapshot.fixtures.ts";

const operations = [snapshotOperation("get_user", { timeout_ms: 30_000 })];
const snapshot = snapshotDocument({
  plugins: [snapshotPlugin("caller"), snapshotPlugin("people", { operations })],
  grants: [{ id: "g", plugin: "caller", kind: "rpc", target: "people", operation: "get_user" }],
});

let gateway: TestGateway;
let people: TargetPlugin;

beforeAll(async () => {
  gateway = await startTestGateway({ snapshot });
  people = await gateway.startTarget("people");
  await vi.waitFor(async () => expect((await call()).status).toBe(200), 10_000);
});
afterAll(() => gateway?.[Symbol.asyncDispose]());

const call = () => gateway.ask("/gateway/people/get_user", { body: {} });
const trail = () => readTrail(gateway.connection, gateway.config.writerId);

it("stops within its time although a call takes longer, and tells what became of it before it says that it stopped", async () => {
  people.received.length = 0;
  people.answer = () => ({ delayMs: 15_000 });
  const running = call().catch((error: unknown) => error);
  await expect.poll(() => people.received.length).toBe(1);
  const startedMs = performance.now();
  await gateway.stop();
  expect(performance.now() - startedMs).toBeLessThan(8_000);
  expect(await running).toBeInstanceOf(Error);
  const records = await trail();
  const permit = records.findLast((record) => record.kind === "decision" && record.entrypoint === "rpc/invoke");
  const outcome = records.find(({ kind, decision_id }) => kind === "outcome" && decision_id === permit?.decision_id);
  expect(outcome).toMatchObject({ outcome: "failed", code: "target_failed" });
  const stopped = records.findLast(({ kind }) => kind === "decision");
  expect(stopped).toMatchObject({ result: { reasons: [{ rule: "gateway.stopped" }] } });
});
