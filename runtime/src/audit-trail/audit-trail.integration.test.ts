import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countBlocks, decisionOf, outcomeOf, readTrail } from "../audit-blocks/audit-blocks.fixtures.ts";
import { natsBlockStream } from "../audit-blocks/block-stream.nats.ts";
import { chainNames } from "../audit-blocks/chain-names.ts";
import type { NatsConnection } from "../nats/connect-nats.ts";
import { startTestNats, type TestNats } from "../nats/nats.fixtures.ts";
import { provisionNats } from "../nats/provision-nats.ts";
import { systemClock } from "../process/clock.ts";
import { testProcessKey } from "../process-keys/process-keys.fixtures.ts";
import { uuidv7 } from "../telemetry/ids.ts";
import { createLogger } from "../telemetry/logger.ts";
import { AuditTrail } from "./audit-trail.ts";

const logger = createLogger({ process: "test", level: "silent" });

let nats: TestNats;
let connection: NatsConnection;

beforeAll(async () => {
  nats = await startTestNats();
  connection = await nats.connect();
  await provisionNats(connection);
});
afterAll(async () => {
  await connection?.close();
  await nats?.[Symbol.asyncDispose]();
});

type Changes = { waitMs?: number; maxQueued?: number; on?: NatsConnection; count?: number };

async function openTrail(writer: string, changes: Changes = {}) {
  const { waitMs = 1_000, maxQueued = 10_000, on = connection, count = 1 } = changes;
  const open = async (one: string) => ({
    writer: one,
    stream: await natsBlockStream({ connection: on, writer: one, key: testProcessKey, timeoutMs: waitMs }),
  });
  const chains = await Promise.all(chainNames(writer, count).map(open));
  return new AuditTrail({ chains, newId: uuidv7, clock: systemClock, logger, waitMs, maxQueued });
}

const idsOf = async (writer: string) => (await readTrail(connection, writer)).map((record) => record.decision_id);
const wanted = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

describe("AuditTrail", () => {
  it("makes one block of whatever queued while the one before was in flight", async () => {
    await using trail = await openTrail("grouping");
    const ids = wanted("g", 2_000);
    await Promise.all(ids.map((id) => trail.record(decisionOf(id))));
    expect(await idsOf("grouping")).toEqual(ids);
    expect((await countBlocks(connection, "grouping"))[0]).toBeLessThan(20);
  });

  it("keeps the chains of two writers apart", async () => {
    await using one = await openTrail("writer-1");
    await using two = await openTrail("writer-2");
    const ids = wanted("w", 200);
    await Promise.all(ids.flatMap((id) => [one.record(decisionOf(`1${id}`)), two.record(decisionOf(`2${id}`))]));
    expect(await idsOf("writer-1")).toEqual(ids.map((id) => `1${id}`));
    expect(await idsOf("writer-2")).toEqual(ids.map((id) => `2${id}`));
  });

  it("writes several chains at once, each record into one of them", async () => {
    await using trail = await openTrail("several", { count: 4 });
    const ids = wanted("s", 400);
    for (let from = 0; from < ids.length; from += 4) {
      const some = ids.slice(from, from + 4).map(async (id, nth) => {
        for (let tick = 0; tick < nth; tick += 1) await new Promise((resolve) => setImmediate(resolve));
        await trail.record(decisionOf(id));
      });
      await Promise.all(some);
    }
    expect((await idsOf("several")).sort()).toEqual(ids.sort());
    expect((await countBlocks(connection, "several")).filter((blocks) => blocks > 20)).toHaveLength(4);
  });

  it("keeps one unbroken chain, without a double, when two processes write under one name", async () => {
    await using one = await openTrail("shared");
    await using two = await openTrail("shared");
    const told: string[] = [];
    const record = (trail: AuditTrail, id: string) => trail.record(decisionOf(id)).then(() => told.push(id));
    for (const round of wanted("r", 20)) {
      await Promise.allSettled([record(one, `1${round}`), record(two, `2${round}`)]);
    }
    const stored = await idsOf("shared");
    expect(new Set(stored).size).toBe(stored.length);
    expect(stored).toEqual(expect.arrayContaining(told));
    expect(told.length).toBeGreaterThan(20);
  });

  it("writes outcomes that nobody waits for before it stops", async () => {
    const trail = await openTrail("stopping");
    await trail.record(decisionOf("s"));
    for (const id of wanted("s", 50)) trail.note(outcomeOf(id));
    await trail[Symbol.asyncDispose]();
    expect(await idsOf("stopping")).toEqual(["s", ...wanted("s", 50)]);
    await expect(trail.record(decisionOf("late"))).rejects.toMatchObject({ code: "audit_unavailable" });
  });

  it("refuses more than may wait", async () => {
    await using trail = await openTrail("bounded", { maxQueued: 5 });
    const results = await Promise.allSettled(wanted("b", 20).map((id) => trail.record(decisionOf(id))));
    expect(results.filter((result) => result.status === "rejected").length).toBe(15);
    await expect(trail.record(decisionOf("next"))).resolves.toBeUndefined();
  });

  it("refuses a record that no block has room for", async () => {
    await using trail = await openTrail("large");
    const record = { ...decisionOf("l"), resource: "x".repeat(640 * 1024) };
    await expect(trail.record(record)).rejects.toMatchObject({ code: "too_large" });
  });

  it("loses and doubles nothing that it vouched for while nats-server is killed again and again", async () => {
    const own = await nats.connect("crashing");
    const trail = await openTrail("crashing", { on: own, waitMs: 500, count: 4 });
    const told: string[] = [];
    const refused: string[] = [];
    let running = true;
    const load = Promise.all(
      wanted("c", 8).map(async (client) => {
        for (let n = 0; running; n += 1) {
          const id = `${client}-${n}`;
          await trail.record(decisionOf(id)).then(
            () => told.push(id),
            () => refused.push(id),
          );
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
      }),
    );
    for (let kill = 0; kill < 3; kill += 1) {
      const before = told.length;
      await expect.poll(() => told.length, { timeout: 10_000 }).toBeGreaterThan(before + 50);
      await nats.kill();
      await expect.poll(() => trail.writable, { timeout: 5_000 }).toBe(false);
      await nats.start();
      await expect.poll(() => trail.writable, { timeout: 10_000 }).toBe(true);
    }
    running = false;
    await load;
    await trail[Symbol.asyncDispose]();
    await own.close();
    const records = await readTrail(connection, "crashing");
    const decided = records.filter((record) => record.kind === "decision").map((record) => record.decision_id);
    expect(refused.length).toBeGreaterThan(0);
    expect(new Set(decided).size).toBe(decided.length);
    expect(told.filter((id) => !decided.includes(id))).toEqual([]);
    const never = records.filter((record) => record.kind === "outcome").map((record) => record.decision_id);
    const unreleased = decided.filter((id) => refused.includes(id));
    expect(never.sort()).toEqual(unreleased.sort());
  });
});
