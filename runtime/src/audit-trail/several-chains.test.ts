import { setTimeout as delay } from "node:timers/promises";
import { type AuditBlock, type AuditRecord, firstBlockPrevious } from "@vivified/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decisionOf,
  type FakeBlockStream,
  type Fate,
  fakeBlockStream,
  outcomeOf,
} from "../audit-blocks/audit-blocks.fixtures.ts";
import { systemClock } from "../process/clock.ts";
import { uuidv7 } from "../telemetry/ids.ts";
import { createLogger } from "../telemetry/logger.ts";
import { AuditTrail } from "./audit-trail.ts";

const logger = createLogger({ process: "test", level: "silent" });
const fates = fc.array(fc.constantFrom<Fate>("stored", "lost", "untold", "late"), { maxLength: 24 });
const landings = fc.array(fc.boolean(), { maxLength: 40 });

describe("AuditTrail with several chains", () => {
  it("keeps every record that it vouched for exactly once, whatever becomes of the blocks", async () => {
    const chains = fc.integer({ min: 1, max: 4 });
    await fc.assert(fc.asyncProperty(chains, fates, landings, survives), { numRuns: 60 });
  });

  it("uses all chains in turn, so that no doubt stays open for long", async () => {
    const streams = streamsOf(3, () => "stored");
    await using trail = openTrail(streams);
    await expect.poll(() => trail.writable).toBe(true);
    for (let n = 0; n < 9; n += 1) await trail.record(decisionOf(`d${n}`));
    for (const { blocks } of streams) expect(blocks.length).toBe(3);
  });

  it("finds out what became of a block in doubt before it stops", async () => {
    const fates: Fate[] = ["lost"];
    const asked = Promise.withResolvers<void>();
    const [stream] = streamsOf(1, () => fates.shift() ?? "stored");
    if (stream === undefined) throw new Error("no stream");
    const append: FakeBlockStream["append"] = (block) => {
      asked.resolve();
      return stream.append(block);
    };
    const trail = openTrail([{ ...stream, append }]);
    trail.note(outcomeOf("n"));
    await asked.promise;
    await trail[Symbol.asyncDispose]();
    expect(idsOf([stream])).toEqual(["n"]);
  });

  it("goes on with the other chains while one of them waits for an answer", async () => {
    const hanging = Promise.withResolvers<number>();
    const [first, second] = streamsOf(2, () => "stored");
    if (first === undefined || second === undefined) throw new Error("no streams");
    await using trail = openTrail([{ ...first, append: () => hanging.promise }, second], 5_000);
    const stuck = trail.record(decisionOf("stuck"));
    await expect.poll(() => trail.writable).toBe(true);
    for (let n = 0; n < 5; n += 1) await trail.record(decisionOf(`d${n}`));
    hanging.resolve(3);
    await stuck;
    expect(idsOf([second])).toEqual(["d0", "d1", "d2", "d3", "d4"]);
  });
});

/** Some records' waiters are told no on the way; what became of them must be in the log all the same. */
async function survives(count: number, fates: readonly Fate[], landings: readonly boolean[]): Promise<void> {
  const upcoming = [...fates];
  const lands = [...landings];
  const streams = streamsOf(count, () => upcoming.shift() ?? "stored");
  const unsteady = streams.map((stream) => {
    const last = () => {
      if (lands.shift()) stream.settle();
      return stream.last();
    };
    return { ...stream, last };
  });
  const trail = openTrail(unsteady, 3);
  const told: string[] = [];
  const refused: string[] = [];
  const record = (id: string) =>
    trail.record(decisionOf(id)).then(
      () => told.push(id),
      () => refused.push(id),
    );
  for (let round = 0; round < 8; round += 1) {
    await Promise.all([record(`a${round}`), new Promise(setImmediate).then(() => record(`b${round}`))]);
    trail.note(outcomeOf(`n${round}`));
  }
  for (const stream of streams) stream.settle();
  upcoming.length = 0;
  for (let n = 0; told.filter((id) => id.startsWith("z")).length < 3 * count; n += 1) {
    await record(`z${n}`);
    await delay(1);
  }
  await trail[Symbol.asyncDispose]();
  check(streams, told, refused);
}

function check(streams: readonly FakeBlockStream[], told: readonly string[], refused: readonly string[]): void {
  for (const stream of streams) checkLinks(stream);
  const records = recordsOf(streams);
  const decided = records.filter((record) => record.kind === "decision").map((record) => record.decision_id);
  const outcomes = records.filter((record) => record.kind === "outcome").map((record) => record.decision_id);
  expect(new Set(decided).size).toBe(decided.length);
  expect(told.filter((id) => !decided.includes(id))).toEqual([]);
  const noted = Array.from({ length: 8 }, (_, round) => `n${round}`);
  const unreleased = decided.filter((id) => refused.includes(id));
  expect(outcomes.sort()).toEqual([...noted, ...unreleased].sort());
}

function checkLinks({ blocks }: FakeBlockStream): void {
  const parsed = blocks.map(({ bytes }) => blockOf(bytes));
  expect(parsed[0]?.previous ?? firstBlockPrevious).toBe(firstBlockPrevious);
  expect(parsed.slice(1).map((block) => block.previous)).not.toContain(firstBlockPrevious);
}

function openTrail(streams: readonly Omit<FakeBlockStream, "blocks" | "settle">[], waitMs = 1_000): AuditTrail {
  const chains = streams.map((stream, nth) => ({ writer: `w-${nth}`, stream }));
  return new AuditTrail({ chains, newId: uuidv7, clock: systemClock, logger, waitMs, maxQueued: 100, retryMs: 1 });
}

const streamsOf = (count: number, fate: () => Fate) => Array.from({ length: count }, () => fakeBlockStream(fate));
const idsOf = (streams: readonly FakeBlockStream[]) => recordsOf(streams).map((record) => record.decision_id);
const recordsOf = (streams: readonly FakeBlockStream[]): AuditRecord[] =>
  streams.flatMap(({ blocks }) => blocks.flatMap(({ bytes }) => [...blockOf(bytes).records]));

function blockOf(bytes: Uint8Array): AuditBlock {
  return JSON.parse(Buffer.from(bytes).toString());
}
