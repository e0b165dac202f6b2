import { type AuditBlock, firstBlockPrevious } from "@vivified/contracts";
import { describe, expect, it } from "vitest";
import { decisionOf } from "./block.fixtures.ts";
import { type ChainLink, chainFault } from "./chain-fault.ts";
import type { StreamedBlock } from "./parse-block.ts";

const before: ChainLink = { epoch: "e1", sequence: 4, hash: "b".repeat(64) };
const stampedAt = new Date("2026-11-27T12:00:00.000Z");
const next: AuditBlock = { version: 1, writer: "w", epoch: "e1", sequence: 5, previous: before.hash, records: [] };

function streamed(changes: Partial<AuditBlock> = {}): StreamedBlock {
  const block = { ...next, ...changes };
  return { streamSequence: 9, subjectWriter: "w", stampedAt, bytes: Buffer.alloc(0), hash: "c".repeat(64), block };
}

const at = (timestamp: string) => decisionOf({ timestamp });
const now = at(stampedAt.toISOString());

describe("chainFault", () => {
  it("finds nothing in a block that counts up, begins an epoch, or begins the chain", () => {
    expect(chainFault(streamed(), before)).toBeUndefined();
    expect(chainFault(streamed({ epoch: "e2", sequence: 0 }), before)).toBeUndefined();
    expect(chainFault(streamed({ sequence: 0, previous: firstBlockPrevious }), undefined)).toBeUndefined();
  });

  it("finds nothing in records of any time before, and of a day ahead", () => {
    const records = [at("1969-01-01T00:00:00Z"), now, at("2026-11-28T12:00:00.000Z")];
    expect(chainFault(streamed({ records }), before)).toBeUndefined();
  });

  it("finds nothing in core's own records of any time: they are rows already", () => {
    const own = streamed({ writer: "core", records: [at("9999-12-31T23:59:59Z")] });
    expect(chainFault({ ...own, subjectWriter: "core" }, before)).toBeUndefined();
  });

  it.each<[string, Partial<AuditBlock>, ChainLink | undefined, string]>([
    [
      "with a record of more than a day ahead",
      { records: [now, at("2026-11-28T12:00:00.001Z")] },
      before,
      "future_record",
    ],
    [
      "from the future that fits nowhere",
      { sequence: 9, records: [at("9999-12-31T23:59:59Z")] },
      before,
      "future_record",
    ],
    ["of another writer", { writer: "other" }, before, "foreign_writer"],
    ["that names another block before it", { previous: "d".repeat(64) }, before, "broken_link"],
    ["that begins a chain anew", { previous: firstBlockPrevious }, before, "broken_link"],
    ["that follows what was never there", { sequence: 0 }, undefined, "broken_link"],
    ["that repeats a number", { sequence: 4 }, before, "broken_sequence"],
    ["that leaves one out", { sequence: 6 }, before, "broken_sequence"],
    ["that begins an epoch in its middle", { epoch: "e2", sequence: 5 }, before, "broken_sequence"],
    ["that begins a chain in its middle", { previous: firstBlockPrevious }, undefined, "broken_sequence"],
  ])("finds the fault of a block %s", (_, changes, link, fault) => {
    expect(chainFault(streamed(changes), link)).toBe(fault);
  });
});
