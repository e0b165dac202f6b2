import { createPublicKey, generateKeyPairSync } from "node:crypto";
import type { SnapshotDocument } from "@vivified/contracts";
import { type Clock, createLogger, type NatsConnection, provisionNats, systemClock } from "@vivified/runtime";
import { startTestNats, type TestNats } from "@vivified/runtime/nats-fixtures";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { snapshotDocument, snapshotPlugin, type TestCore, testCore, trustDomain } from "./snapshot.fixtures.ts";
import { SnapshotFollower } from "./snapshot-follower.ts";

const logger = createLogger({ process: "test", level: "silent" });
const first = snapshotDocument({ plugins: [snapshotPlugin("first")] });
const second = snapshotDocument({ plugins: [snapshotPlugin("second")] });

let nats: TestNats;
let connection: NatsConnection;
let core: TestCore;
let follower: SnapshotFollower;
let laterMs = 0;
const clock: Clock = { ...systemClock, now: () => new Date(Date.now() + laterMs) };

beforeEach(async () => {
  laterMs = 0;
  nats = await startTestNats();
  connection = await nats.connect();
  await provisionNats(connection);
  core = testCore(connection);
  const key = createPublicKey(core.publicKeyPem);
  follower = new SnapshotFollower({ connection, key, trustDomain, clock, clockTrusted: () => true, logger });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await follower[Symbol.asyncDispose]();
  await connection.close();
  await nats[Symbol.asyncDispose]();
});

const names = () => [...follower.current().plugins.keys()];
const follows = (name: string) => vi.waitFor(() => expect(names()).toEqual([name]), 10_000);

describe("SnapshotFollower", () => {
  it("has none until core has published one, and follows every change", async () => {
    expect(() => follower.current()).toThrow(expect.objectContaining({ code: "snapshot_missing" }));
    await core.publish(first);
    await follows("first");
    await core.publish(second);
    await follows("second");
    expect(follower.revision).toBe(2);
  });

  it.each([
    ["signed by somebody else", { signWith: generateKeyPairSync("ed25519").privateKey }],
    ["signed as something else", { type: "something-else" }],
    ["older than the one in force", { revision: 9 }],
    ["made before the one in force", { madeAt: new Date(Date.now() - 30_000) }],
    ["made in the future", { madeAt: new Date(Date.now() + 600_000) }],
    ["whose part is absent", { partHash: "0".repeat(64) }],
    ["whose parts were altered", { partsOf: snapshotDocument({ plugins: [snapshotPlugin("altered")] }) }],
    ["of another version", {}, { version: 2 }],
    ["another platform's", {}, { trust_domain: "elsewhere.example" }],
  ])("keeps the last good one when it is offered one that is %s", async (_, changes, parts: object = {}) => {
    await core.publish(first, { revision: 10 });
    await follows("first");
    const refused = vi.spyOn(logger, "error");
    await core.publish({ ...second, ...parts } as SnapshotDocument, { revision: 11, ...changes });
    await vi.waitFor(() => expect(refused).toHaveBeenCalledOnce(), 5_000);
    expect([names(), follower.revision]).toEqual([["first"], 10]);
    await core.publish(second, { revision: 12 });
    await follows("second");
  });

  it("refuses to go by one that is too old, until core is heard of again", async () => {
    await core.publish(first);
    await follows("first");
    laterMs = 61_000;
    expect(() => follower.current()).toThrow(expect.objectContaining({ code: "snapshot_stale" }));
    await core.publish(first, { revision: 1, madeAt: new Date(Date.now() + laterMs) });
    await follows("first");
    expect(follower.revision).toBe(1);
  });

  it("does not take a stale one for fresh because the clock went back", async () => {
    await core.publish(first);
    await follows("first");
    laterMs = -3_600_000;
    expect(() => follower.current()).toThrow(expect.objectContaining({ code: "clock_skewed" }));
    laterMs = 0;
    await follows("first");
  });

  it("keeps the last good one while NATS is away, and follows again after", async () => {
    await core.publish(first);
    await follows("first");
    await nats.kill();
    expect(names()).toEqual(["first"]);
    await nats.start();
    await vi.waitFor(() => core.publish(second), 10_000);
    await follows("second");
  });
});
