import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decisionOf, readTrail } from "../audit-blocks/audit-blocks.fixtures.ts";
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
const stack = new AsyncDisposableStack();
const waitMs = 2_000;
const callers = 8;

let nats: TestNats;
let connection: NatsConnection;

beforeAll(async () => {
  nats = stack.use(await startTestNats({ slowable: true }));
  connection = stack.use(await nats.connect("trail"));
  await provisionNats(connection);
}, 60_000);
afterAll(() => stack.disposeAsync());

async function openTrail(writer: string) {
  const open = async (one: string) => ({
    writer: one,
    stream: await natsBlockStream({ connection, writer: one, key: testProcessKey, timeoutMs: waitMs }),
  });
  const chains = await Promise.all(chainNames(writer, 2).map(open));
  return new AuditTrail({ chains, newId: uuidv7, clock: systemClock, logger, waitMs, maxQueued: 1_000 });
}

const writableOf = (trail: AuditTrail) => expect.poll(() => trail.writable, { timeout: 60_000 });

type Call = { readonly id: string; readonly code: string | undefined; readonly tookMs: number };

/** Callers that record one decision after the other, so many each. */
async function callsOf(trail: AuditTrail, each: number): Promise<readonly Call[]> {
  const calls: Call[] = [];
  const caller = async () => {
    for (let n = 0; n < each; n += 1) calls.push(await call(trail, uuidv7()));
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return calls;
}

async function call(trail: AuditTrail, id: string): Promise<Call> {
  const startedMs = performance.now();
  const code = await trail.record(decisionOf(id)).then(
    () => undefined,
    (error: { code: string }) => error.code,
  );
  return { id, code, tookMs: performance.now() - startedMs };
}

/** What was vouched for is there, and nothing twice; the reader checks that chains are whole. */
async function expectWhole(writer: string, calls: readonly Call[]): Promise<void> {
  const ids = (await readTrail(connection, writer)).flatMap((one) =>
    one.kind === "decision" ? [one.decision_id] : [],
  );
  expect(new Set(ids).size).toBe(ids.length);
  expect(calls.filter(({ id, code }) => code === undefined && !ids.includes(id))).toEqual([]);
}

describe("a trail whose disk is slow", () => {
  it.each([50, 200])(
    "waits for it, and releases nothing before an fsync of %i ms has ended",
    async (fsyncMs) => {
      const writer = `slow-${fsyncMs}`;
      const trail = await openTrail(writer);
      await writableOf(trail).toBe(true);
      await nats.slow(fsyncMs);
      const calls = await callsOf(trail, 4);
      const released = calls.filter(({ code }) => code === undefined);
      expect(released.length).toBeGreaterThan(0);
      expect(Math.min(...released.map(({ tookMs }) => tookMs))).toBeGreaterThanOrEqual(fsyncMs);
      expect(calls.filter(({ code }) => code !== undefined && code !== "audit_unavailable")).toEqual([]);
      await nats.slow(0);
      await trail[Symbol.asyncDispose]();
      await expectWhole(writer, calls);
    },
    120_000,
  );

  it("refuses when an fsync takes longer than calls wait, and goes on by itself: nothing lost, nothing doubled", async () => {
    const trail = await openTrail("too-slow");
    await writableOf(trail).toBe(true);
    await nats.slow(2 * waitMs);
    const refused = await callsOf(trail, 2);
    expect(refused.map(({ code }) => code)).toEqual(refused.map(() => "audit_unavailable"));
    expect(Math.max(...refused.map(({ tookMs }) => tookMs))).toBeLessThan(waitMs + 10_000);
    await writableOf(trail).toBe(false);
    await nats.slow(0);
    await writableOf(trail).toBe(true);
    const after = await callsOf(trail, 4);
    await trail[Symbol.asyncDispose]();
    await expectWhole("too-slow", [...refused, ...after]);
    expect(after.some(({ code }) => code === undefined)).toBe(true);
  }, 120_000);
});
