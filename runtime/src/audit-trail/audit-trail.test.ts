import type { AuditBlock } from "@vivified/contracts";
import { describe, expect, it } from "vitest";
import { decisionOf, type FakeBlockStream, type Fate, fakeBlockStream } from "../audit-blocks/audit-blocks.fixtures.ts";
import { BlockOvertaken } from "../audit-blocks/block-stream.ts";
import { systemClock } from "../process/clock.ts";
import { uuidv7 } from "../telemetry/ids.ts";
import { createLogger } from "../telemetry/logger.ts";
import { AuditTrail } from "./audit-trail.ts";

const logger = createLogger({ process: "test", level: "silent" });

function openTrail(stream: FakeBlockStream, waitMs = 1_000): AuditTrail {
  return new AuditTrail({
    chains: [{ writer: "w-0", stream }],
    newId: uuidv7,
    clock: systemClock,
    logger,
    waitMs,
    maxQueued: 100,
  });
}

const idsOf = ({ blocks }: FakeBlockStream) =>
  blocks.flatMap(({ bytes }) => {
    const block: AuditBlock = JSON.parse(Buffer.from(bytes).toString());
    return block.records.map((record) => record.decision_id);
  });

describe("AuditTrail", () => {
  it("leaves out a record whose waiter was told no before it was stored", async () => {
    const fates: Fate[] = ["lost"];
    const stream = fakeBlockStream(() => fates.shift() ?? "stored");
    await using trail = openTrail(stream, 20);
    await expect(trail.record(decisionOf("given-up"))).rejects.toMatchObject({ code: "audit_unavailable" });
    await expect.poll(() => trail.writable).toBe(true);
    await trail.record(decisionOf("next"));
    expect(idsOf(stream)).toEqual(["next"]);
  });

  it("is not writable while blocks fail, although they can be read, and asks again by itself", async () => {
    const stream = fakeBlockStream(() => "stored");
    const [full, reads] = [{ is: true }, { n: 0 }];
    const append: FakeBlockStream["append"] = async (block) => {
      if (full.is) throw new Error("not taken");
      return stream.append(block);
    };
    const last: FakeBlockStream["last"] = async () => {
      reads.n += 1;
      return stream.last();
    };
    await using trail = openTrail({ ...stream, append, last }, 50);
    await expect.poll(() => trail.writable).toBe(true);
    await expect(trail.record(decisionOf("refused"))).rejects.toMatchObject({ code: "audit_unavailable" });
    const before = reads.n;
    await expect.poll(() => reads.n).toBeGreaterThan(before + 1);
    expect(trail.writable).toBe(false);
    full.is = false;
    await expect.poll(() => trail.writable).toBe(true);
    expect([stream.blocks.length, idsOf(stream)]).toEqual([1, []]);
    await trail.record(decisionOf("taken"));
    expect(idsOf(stream)).toEqual(["taken"]);
  });

  it("leaves a stream that takes nothing alone for longer each time", async () => {
    const stream = fakeBlockStream(() => "stored");
    const times: number[] = [];
    const append: FakeBlockStream["append"] = async () => {
      times.push(performance.now());
      throw new Error("not taken");
    };
    await using trail = openTrail({ ...stream, append }, 20);
    await expect(trail.record(decisionOf("refused"))).rejects.toMatchObject({ code: "audit_unavailable" });
    await expect.poll(() => times.length, { timeout: 10_000 }).toBeGreaterThan(4);
    const [first = 0, second = 0, , , fifth = 0] = times;
    expect(fifth - first).toBeGreaterThan(1_500);
    expect(second - first).toBeGreaterThan(150);
  });

  it("takes a block that stood in the wrong place for no sign that the stream takes none", async () => {
    const stream = fakeBlockStream(() => "stored");
    const overtaken = [true];
    const append: FakeBlockStream["append"] = async (block) => {
      if (overtaken.pop()) throw new BlockOvertaken("another stands there");
      return stream.append(block);
    };
    await using trail = openTrail({ ...stream, append }, 20);
    await expect(trail.record(decisionOf("overtaken"))).rejects.toMatchObject({ code: "audit_unavailable" });
    await expect.poll(() => trail.writable).toBe(true);
    expect(stream.blocks).toEqual([]);
  });

  it("takes the record of the largest question with the largest answer", async () => {
    const stream = fakeBlockStream(() => "stored");
    await using trail = openTrail(stream);
    const input = { fields: "x".repeat(256 * 1024) };
    const reasons = [{ rule: "r", message: "x".repeat(256 * 1024), fix: "" }];
    await trail.record({ ...decisionOf("large"), input, result: { effect: "deny", reasons, obligations: [] } });
    expect(idsOf(stream)).toEqual(["large"]);
    expect(stream.blocks[0]?.bytes.length).toBeLessThan(1024 * 1024);
  });

  it("has no room for what leaves places to others once they are all that is left, and has for the others", async () => {
    const stream = fakeBlockStream(() => "stored");
    await using trail = openTrail(stream);
    const fill = (leaving: number) => {
      for (let n = 0; n < 101; n += 1) trail.enqueue(decisionOf(`${leaving}-${n}`), { leaving });
    };
    expect(() => fill(75)).toThrow(expect.objectContaining({ code: "audit_unavailable" }));
    expect(trail.hasRoom).toBe(true);
    expect(() => fill(0)).toThrow(expect.objectContaining({ code: "audit_unavailable" }));
    expect(trail.hasRoom).toBe(false);
    await expect.poll(() => idsOf(stream).length).toBe(100);
    expect(idsOf(stream).filter((id) => id.startsWith("75-"))).toHaveLength(25);
  });

  it("makes no block that the stream would not take, however much queued", async () => {
    const stream = fakeBlockStream(() => "stored");
    await using trail = openTrail(stream);
    const ids = Array.from({ length: 8 }, (_, index) => `large-${index}`);
    await Promise.all(ids.map((id) => trail.record({ ...decisionOf(id), resource: "x".repeat(300_000) })));
    expect(idsOf(stream)).toEqual(ids);
    expect(Math.max(...stream.blocks.map(({ bytes }) => bytes.length))).toBeLessThan(1024 * 1024);
  });
});
