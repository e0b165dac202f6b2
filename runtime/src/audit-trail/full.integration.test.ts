import { jetstreamManager } from "@nats-io/jetstream";
import { auditEventsStream } from "@vivified/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decisionOf, outcomeOf, readTrail } from "../audit-blocks/audit-blocks.fixtures.ts";
import { natsBlockStream } from "../audit-blocks/block-stream.nats.ts";
import { chainNames } from "../audit-blocks/chain-names.ts";
import type { NatsConnection } from "../nats/connect-nats.ts";
import { mountSmallDisk, type SmallDisk, startTestNats, type TestNats } from "../nats/nats.fixtures.ts";
import { provisionNats } from "../nats/provision-nats.ts";
import { systemClock } from "../process/clock.ts";
import { testProcessKey } from "../process-keys/process-keys.fixtures.ts";
import { uuidv7 } from "../telemetry/ids.ts";
import { createLogger } from "../telemetry/logger.ts";
import { AuditTrail } from "./audit-trail.ts";

const logger = createLogger({ process: "test", level: "silent" });
const stack = new AsyncDisposableStack();
const waitMs = 1_000;

let disk: SmallDisk;
let nats: TestNats;
let connection: NatsConnection;

beforeAll(async () => {
  disk = stack.use(await mountSmallDisk(16));
  nats = stack.use(await startTestNats({ below: disk.directory, jetstream: "max_file_store: 4GB" }));
  connection = stack.use(await nats.connect("trail"));
  await provisionNats(connection);
});
afterAll(() => stack.disposeAsync());

async function openTrail(writer: string) {
  const open = async (one: string) => ({
    writer: one,
    stream: await natsBlockStream({ connection, writer: one, key: testProcessKey, timeoutMs: waitMs }),
  });
  const chains = await Promise.all(chainNames(writer, 2).map(open));
  const trail = new AuditTrail({ chains, newId: uuidv7, clock: systemClock, logger, waitMs, maxQueued: 1_000 });
  await writableOf(trail).toBe(true);
  return trail;
}

const writableOf = (trail: AuditTrail) => expect.poll(() => trail.writable, { timeout: 20_000 });
const large = (id: string) => ({ ...decisionOf(id), resource: "x".repeat(40_000) });

/** Records until the stream takes no more. Gives what was vouched for, and the last, which was not. */
async function recordUntilRefused(trail: AuditTrail): Promise<{ told: string[]; refused: string }> {
  const told: string[] = [];
  for (let n = 0; n < 1_000; n += 1) {
    const refused = await trail.record(large(`d${n}`)).then(
      () => false,
      (error: { code: string }) => error.code === "audit_unavailable",
    );
    if (refused) return { told, refused: `d${n}` };
    told.push(`d${n}`);
  }
  throw new Error("the stream took everything");
}

/** Chains whole (the reader checks), what was vouched for there once, and a note on what was stored after its caller was told no. */
async function expectWhole(writer: string, { told, refused }: { told: readonly string[]; refused: string }) {
  const records = await readTrail(connection, writer);
  const decided = records.filter(({ kind }) => kind === "decision").map(({ decision_id }) => decision_id);
  expect(new Set(decided).size).toBe(decided.length);
  expect(told.filter((id) => !decided.includes(id))).toEqual([]);
  const outcomes = records.filter(({ kind }) => kind === "outcome").map(({ decision_id }) => decision_id);
  expect(outcomes.sort()).toEqual([...(decided.includes(refused) ? [refused] : []), "noted"].sort());
}

const limitStream = async (max_bytes: number) =>
  (await jetstreamManager(connection)).streams.update(auditEventsStream.name, { max_bytes });

describe("a trail whose stream takes nothing more", () => {
  it("is ready again by itself once a stream that was full has room, and loses nothing", async () => {
    await limitStream(400_000);
    const trail = await openTrail("limited");
    const seen = await recordUntilRefused(trail);
    await writableOf(trail).toBe(false);
    trail.note(outcomeOf("noted"));
    await limitStream(-1);
    await writableOf(trail).toBe(true);
    await trail.record(decisionOf("after"));
    await trail[Symbol.asyncDispose]();
    await expectWhole("limited", { ...seen, told: [...seen.told, "after"] });
  });

  it("is ready again by itself without any record to write", async () => {
    await using trail = await openTrail("idle");
    await limitStream(1);
    await expect(trail.record(decisionOf("lapsed"))).rejects.toMatchObject({ code: "audit_unavailable" });
    await writableOf(trail).toBe(false);
    await limitStream(-1);
    await writableOf(trail).toBe(true);
    expect(await readTrail(connection, "idle")).toEqual([]);
  });

  it("is not ready while the disk is full, although the stream can be read, and loses nothing", async () => {
    const trail = await openTrail("disk");
    await disk.fill(300_000);
    const seen = await recordUntilRefused(trail);
    await writableOf(trail).toBe(false);
    trail.note(outcomeOf("noted"));
    const { streams } = await jetstreamManager(connection);
    expect((await streams.info(auditEventsStream.name)).state.messages).toBeGreaterThan(0);
    expect(trail.writable).toBe(false);
    await disk.clear();
    // nats-server writes nothing after a failed write until it is started again
    await nats.kill();
    await nats.start();
    await writableOf(trail).toBe(true);
    await trail.record(decisionOf("after"));
    await trail[Symbol.asyncDispose]();
    await expectWhole("disk", { ...seen, told: [...seen.told, "after"] });
  });
});
