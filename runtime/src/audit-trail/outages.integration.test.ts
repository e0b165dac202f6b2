import { setTimeout as delay } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import { auditEventsStream } from "@vivified/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decisionOf, readTrail } from "../audit-blocks/audit-blocks.fixtures.ts";
import { natsBlockStream } from "../audit-blocks/block-stream.nats.ts";
import { BlockOvertaken, type BlockStream } from "../audit-blocks/block-stream.ts";
import { chainNames } from "../audit-blocks/chain-names.ts";
import type { NatsConnection } from "../nats/connect-nats.ts";
import { type BrokenWire, layWire, startTestNats, type TestNats } from "../nats/nats.fixtures.ts";
import { provisionNats } from "../nats/provision-nats.ts";
import { systemClock } from "../process/clock.ts";
import { testProcessKey } from "../process-keys/process-keys.fixtures.ts";
import { uuidv7 } from "../telemetry/ids.ts";
import { createLogger } from "../telemetry/logger.ts";
import { AuditTrail } from "./audit-trail.ts";

const logger = createLogger({ process: "test", level: "silent" });
const waitMs = 1_000;
const stack = new AsyncDisposableStack();

let nats: TestNats;
let reader: NatsConnection;

beforeAll(async () => {
  nats = stack.use(await startTestNats());
  reader = stack.use(await nats.connect("reader"));
  await provisionNats(reader);
});
afterAll(() => stack.disposeAsync());

describe("two trails of several chains on one stream", () => {
  it("have not one block rejected", async () => {
    await using pair = await openPair("steady");
    const load = pair.startLoad();
    await load.until(600);
    await load.stop();
    expect([pair.rejected(), load.refused.length]).toEqual([0, 0]);
    await expectWhole(pair, load);
  });

  it("lose and double nothing when nats-server is killed", async () => {
    await using pair = await openPair("killed");
    const load = pair.startLoad();
    await load.until(200);
    await nats.kill();
    await expect.poll(pair.writable, { timeout: 10_000 }).toBe(false);
    await nats.start();
    await recovered(pair, load);
  });

  it("lose and double nothing when nats-server stands still, as it does for a slow disk", async () => {
    await using pair = await openPair("paused");
    const load = pair.startLoad();
    await load.until(200);
    nats.pause();
    await expect.poll(pair.writable, { timeout: 10_000 }).toBe(false);
    nats.resume();
    await recovered(pair, load);
  });

  it("answer in time, with yes or no, and lose nothing while nats-server rests 50 to 400 ms between strokes, as for a slow disk", async () => {
    await using pair = await openPair("stuttering");
    const load = pair.startLoad();
    await load.until(200);
    for (const restMs of [50, 100, 200, 400, 400, 200, 400, 400]) {
      nats.pause();
      await delay(restMs);
      nats.resume();
      await delay(20);
    }
    await expect.poll(pair.writable, { timeout: 20_000 }).toBe(true);
    await load.until(200);
    await load.stop();
    expect(load.longestMs()).toBeLessThan(waitMs + 2_000);
    expect(load.codes()).toEqual(load.refused.map(() => "audit_unavailable"));
    await expectWhole(pair, load);
  });

  it("lose and double nothing when the network swallows what is said", async () => {
    await using pair = await openPair("partitioned");
    const load = pair.startLoad();
    await load.until(200);
    pair.wire.cut();
    await expect.poll(pair.writable, { timeout: 10_000 }).toBe(false);
    pair.wire.mend();
    await recovered(pair, load);
  });

  it("lose and double nothing when the stream is full and then has room again", async () => {
    await using pair = await openPair("full");
    const load = pair.startLoad();
    await load.until(200);
    await limitStream(1);
    await expect.poll(pair.writable, { timeout: 10_000 }).toBe(false);
    await expect.poll(() => load.refused.length, { timeout: 10_000 }).toBeGreaterThan(0);
    await limitStream(-1);
    await recovered(pair, load);
  });
});

/** As a full disk: JetStream refuses every message beyond so many bytes. */
async function limitStream(max_bytes: number): Promise<void> {
  const { streams } = await jetstreamManager(reader);
  await streams.update(auditEventsStream.name, { max_bytes });
}

type Load = {
  readonly told: readonly string[];
  readonly refused: readonly string[];
  /** Waits until so many more records were released. */
  readonly until: (more: number) => Promise<void>;
  readonly stop: () => Promise<void>;
  /** The longest that a caller waited for its answer. */
  readonly longestMs: () => number;
  /** What those were told who were refused. */
  readonly codes: () => readonly string[];
};
type Pair = AsyncDisposable & {
  readonly writers: readonly string[];
  readonly wire: BrokenWire;
  readonly writable: () => boolean;
  /** How many blocks the stream did not take because another one stood in their place. */
  readonly rejected: () => number;
  readonly startLoad: () => Load;
};

/** Two trails as two gateways have them, whose connections go over one wire. */
async function openPair(name: string): Promise<Pair> {
  const writers = [`${name}-a`, `${name}-b`];
  const parts = new AsyncDisposableStack();
  const wire = parts.use(await layWire(nats.port));
  let rejections = 0;
  const count = (error: unknown) => {
    if (error instanceof BlockOvertaken) rejections += 1;
  };
  const open = async (writer: string) => {
    const connection = parts.use(await nats.connect(writer, wire.port));
    return parts.use(await openTrail(writer, connection, count));
  };
  const trails = await Promise.all(writers.map(open));
  return {
    writers,
    wire,
    writable: () => trails.every((trail) => trail.writable),
    rejected: () => rejections,
    startLoad: () => startLoad(trails),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

async function openTrail(writer: string, connection: NatsConnection, onFailure: (error: unknown) => void) {
  const open = async (one: string) => {
    const stream = await natsBlockStream({ connection, writer: one, key: testProcessKey, timeoutMs: waitMs });
    return { writer: one, stream: observed(stream, onFailure) };
  };
  const chains = await Promise.all(chainNames(writer, 4).map(open));
  return new AuditTrail({ chains, newId: uuidv7, clock: systemClock, logger, waitMs, maxQueued: 1_000 });
}

function observed(stream: BlockStream, onFailure: (error: unknown) => void): BlockStream {
  const append: BlockStream["append"] = (block) =>
    stream.append(block).catch((error: unknown) => {
      onFailure(error);
      throw error;
    });
  return { ...stream, append };
}

/** Eight callers on each trail, as fast as they are answered. */
function startLoad(trails: readonly AuditTrail[]): Load {
  const told: string[] = [];
  const refused: string[] = [];
  const codes: string[] = [];
  let longestMs = 0;
  let running = true;
  const caller = async (trail: AuditTrail, name: string) => {
    for (let n = 0; running; n += 1) {
      const id = `${name}-${n}`;
      const askedMs = performance.now();
      await trail.record(decisionOf(id)).then(
        () => told.push(id),
        (error: { readonly code: string }) => {
          refused.push(id);
          codes.push(error.code);
        },
      );
      longestMs = Math.max(longestMs, performance.now() - askedMs);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  const callers = trails.flatMap((trail, at) => Array.from({ length: 8 }, (_, nth) => caller(trail, `${at}-${nth}`)));
  return {
    told,
    refused,
    longestMs: () => longestMs,
    codes: () => codes,
    until: (more) => {
      const wanted = told.length + more;
      return expect.poll(() => told.length, { timeout: 20_000 }).toBeGreaterThan(wanted);
    },
    stop: async () => {
      running = false;
      await Promise.all(callers);
    },
  };
}

async function recovered(pair: Pair, load: Load): Promise<void> {
  await expect.poll(pair.writable, { timeout: 20_000 }).toBe(true);
  await load.until(200);
  await load.stop();
  expect(load.refused.length).toBeGreaterThan(0);
  await expectWhole(pair, load);
}

/** Chains whole (the reader checks), released records there, none twice, and a note on each that was not released. */
async function expectWhole(pair: Pair, load: Load): Promise<void> {
  await pair[Symbol.asyncDispose]();
  const records = (await Promise.all(pair.writers.map((writer) => readTrail(reader, writer)))).flat();
  const idsOf = (kind: string) => records.filter((record) => record.kind === kind).map((record) => record.decision_id);
  const decided = idsOf("decision");
  const stored = new Set(decided);
  expect(stored.size).toBe(decided.length);
  expect(load.told.filter((id) => !stored.has(id))).toEqual([]);
  const refused = new Set(load.refused);
  expect(idsOf("outcome").sort()).toEqual(decided.filter((id) => refused.has(id)).sort());
}
