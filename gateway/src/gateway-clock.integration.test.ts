import { systemClock } from "@vivified/runtime";
import { readTrail } from "@vivified/runtime/audit-fixtures";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { startTestGateway, type TestGateway } from "./gateway.fixtures.ts";
import type { TargetPlugin } from "./peer/target-plugin.fixtures.ts";
import { snapshotDocument, snapshotOperation, snapshotPlugin } from "./snapshot/snapshot.fixtures.ts";

const snapshot = snapshotDocument({
  plugins: [snapshotPlugin("caller"), snapshotPlugin("people", { operations: [snapshotOperation("get_user")] })],
  grants: [{ id: "g", plugin: "caller", kind: "rpc", target: "people", operation: "get_user" }],
});

/** How far the gateway's clock is ahead. */
let aheadMs = 0;
const clock = { ...systemClock, now: () => new Date(Date.now() + aheadMs) };
let gateway: TestGateway;
let people: TargetPlugin;

beforeAll(async () => {
  gateway = await startTestGateway({ snapshot, clock });
  people = await gateway.startTarget("people");
  await served();
});
afterEach(served);
afterAll(() => gateway?.[Symbol.asyncDispose]());

const call = () => gateway.ask("/gateway/people/get_user", { body: {} });
const health = () => gateway.ask("/health", { method: "GET" });
const decided = async () =>
  (await readTrail(gateway.connection, gateway.config.writerId)).filter(({ kind }) => kind === "decision");

async function served(): Promise<void> {
  aheadMs = 0;
  await vi.waitFor(async () => expect((await call()).status).toBe(200), 20_000);
}

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];

describe("a gateway whose clock jumps", () => {
  it.each([
    ["back by an hour", () => -hour],
    ["back by forty days", () => -40 * day],
    ["back to 1970", () => -Date.now()],
    ["ahead by a day", () => day],
  ])("%s refuses, does nothing, says so in its health, and goes on once it is right", async (_, jump) => {
    const before = (await decided()).length;
    people.received.length = 0;
    aheadMs = jump();
    const { json } = await call();
    expect(json).toMatchObject({ status: 503, code: expect.stringMatching(/^(clock_skewed|snapshot_stale)$/) });
    expect((await health()).json).toMatchObject({ status: "unavailable", checks: { clock: false } });
    expect(people.received).toEqual([]);
    expect(await decided()).toHaveLength(before);
    await served();
    expect((await health()).json.checks.clock).toBe(true);
  });

  it("refuses while it is served a clock that NATS does not share, however long", async () => {
    aheadMs = -hour;
    await vi.waitFor(async () => expect((await health()).json.checks.clock).toBe(false), 20_000);
    for (let n = 0; n < 20; n += 1) expect((await call()).json.code).toBe("clock_skewed");
  });

  it("back by less than a minute goes on in one chain, in the order in which things happened", async () => {
    const before = await decided();
    aheadMs = -30_000;
    for (let n = 0; n < 5; n += 1) expect((await call()).status).toBe(200);
    aheadMs = 0;
    expect((await call()).status).toBe(200);
    const fresh = (await decided()).slice(before.length);
    const times = fresh.map(({ timestamp }) => Date.parse(timestamp));
    expect(fresh.length).toBe(12);
    expect(new Set(fresh.map(({ decision_id }) => decision_id)).size).toBe(12);
    expect(times[0]).toBeLessThan((before.map(({ timestamp }) => Date.parse(timestamp)).at(-1) ?? 0) - 20_000);
    expect(times.at(-1)).toBeGreaterThan((times[0] ?? 0) + 20_000);
  });

  it("is believed again by other clocks only: not while NATS is away", async () => {
    await gateway.nats.kill();
    aheadMs = -2 * minute;
    expect((await health()).json.checks).toMatchObject({ clock: false });
    await gateway.nats.start();
  });
});
