import type { AuditBlock } from "@vivified/contracts";
import { describe, expect, it } from "vitest";
import { decisionOf, type FakeBlockStream, type Fate, fakeBlockStream } from "../audit-blocks/audit-blocks.fixtures.ts";
import { BlockRefused } from "../audit-blocks/block-stream.ts";
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

  it("cannot be written while the stream takes no block, although it can be read", async () => {
    const stream = fakeBlockStream(() => "stored");
    const reads: unknown[] = [];
    let full = true;
    const append: FakeBlockStream["append"] = async (block) => {
      if (full) throw new BlockRefused("the stream is full");
      return stream.append(block);
    };
    const last: FakeBlockStream["last"] = async () => {
      reads.push(trail.writable);
      return stream.last();
    };
    await using trail = openTrail({ ...stream, append, last }, 50);
    await expect.poll(() => trail.writable).toBe(true);
    await expect(trail.record(decisionOf("refused"))).rejects.toMatchObject({ code: "audit_unavailable" });
    const recovered = reads.length;
    await expect.poll(() => reads.length).toBeGreaterThan(recovered);
    await new Promise((resolve) => setImmediate(resolve));
    expect(trail.writable).toBe(false);
    full = false;
    await trail.record(decisionOf("taken"));
    expect([trail.writable, idsOf(stream)]).toEqual([true, ["taken"]]);
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

  it("makes no block that the stream would not take, however much queued", async () => {
    const stream = fakeBlockStream(() => "stored");
    await using trail = openTrail(stream);
    const ids = Array.from({ length: 8 }, (_, index) => `large-${index}`);
    await Promise.all(ids.map((id) => trail.record({ ...decisionOf(id), resource: "x".repeat(300_000) })));
    expect(idsOf(stream)).toEqual(ids);
    expect(Math.max(...stream.blocks.map(({ bytes }) => bytes.length))).toBeLessThan(1024 * 1024);
  });
});
