import { type AuditBlock, type AuditRecord, firstBlockPrevious } from "@vivified/contracts";
import { describe, expect, it } from "vitest";
import { decisionOf } from "./block.fixtures.ts";
import type { BlockStore, JudgedBlock } from "./block-store.ts";
import { ingestBlocks } from "./ingest-blocks.ts";
import type { StreamedBlock } from "./parse-block.ts";

const bytes = Buffer.alloc(0);
const stampedAt = new Date();
const hashOf = (sequence: number) => String(sequence).repeat(64).slice(0, 64);

/** The blocks of one chain, one in each place of the stream. */
function streamed(streamSequence: number, records: readonly AuditRecord[] = []): StreamedBlock {
  const sequence = streamSequence - 1;
  const previous = sequence === 0 ? firstBlockPrevious : hashOf(sequence);
  const block: AuditBlock = { version: 1, writer: "w", epoch: "e", sequence, previous, records };
  return { streamSequence, subjectWriter: "w", stampedAt, bytes, hash: hashOf(streamSequence), block };
}

const empty = (streamSequence: number) => streamed(streamSequence);
const recordOf = (decision_id: string) => decisionOf({ decision_id });

function blockStore() {
  const taken: JudgedBlock[] = [];
  const places: [string, number][] = [];
  let position = { streamSequence: 0, logSize: 0 };
  const store: BlockStore = {
    lockPosition: async () => position,
    lastOf: async () => {
      const last = taken.at(-1)?.streamed;
      return last?.block && { epoch: last.block.epoch, sequence: last.block.sequence, hash: last.hash };
    },
    hasEpoch: async (_, epoch) => taken.some(({ streamed }) => streamed.block?.epoch === epoch),
    takeRecords: async (records) => {
      const ids = new Set(places.map(([id]) => id));
      const there = records.filter((one) => ids.has(one.record.decision_id));
      places.push(...records.map((one): [string, number] => [one.record.decision_id, one.logIndex]));
      return new Map(there.map((one) => [one.logIndex, "replayed"]));
    },
    takeBlocks: async (blocks) => void taken.push(...blocks),
    movePosition: async (next) => {
      position = next;
    },
  };
  const told = () => taken.map(({ streamed: { streamSequence }, fault }) => [streamSequence, fault]);
  return { store, told, places, position: () => position };
}

describe("ingestBlocks", () => {
  it("takes each block once, however often it is delivered", async () => {
    const { store, told } = blockStore();
    expect(await ingestBlocks([1, 2].map(empty), store)).toEqual({ taken: 2, breaks: [] });
    expect(await ingestBlocks([1, 2].map(empty), store)).toEqual({ taken: 0, breaks: [] });
    expect(await ingestBlocks([2, 3].map(empty), store)).toEqual({ taken: 1, breaks: [] });
    expect(told()).toEqual([1, 2, 3].map((place) => [place, undefined]));
  });

  it("takes them in the order of the stream, whatever the order of delivery", async () => {
    const { store, told } = blockStore();
    expect(await ingestBlocks([3, 1, 2].map(empty), store)).toEqual({ taken: 3, breaks: [] });
    expect(told()).toEqual([1, 2, 3].map((place) => [place, undefined]));
  });

  it("keeps a block with a fault, and tells of it", async () => {
    const { store, told } = blockStore();
    const result = await ingestBlocks([1, 3].map(empty), store);
    expect(result).toEqual({
      taken: 2,
      breaks: [{ streamSequence: 3, writer: "w", fault: "broken_link", hash: hashOf(3) }],
    });
    expect(told()).toEqual([
      [1, undefined],
      [3, "broken_link"],
    ]);
  });

  it("gives records of every block the next place in the log, also of one with a fault, without a gap", async () => {
    const { store, places, position } = blockStore();
    await ingestBlocks([streamed(1, [recordOf("a"), recordOf("b")])], store);
    const malformed: StreamedBlock = { streamSequence: 2, subjectWriter: "w", stampedAt, bytes, hash: hashOf(2) };
    await ingestBlocks([malformed, streamed(3, []), streamed(4, [recordOf("c")]), streamed(5, [recordOf("d")])], store);
    expect(places).toEqual([
      ["a", 0],
      ["b", 1],
      ["c", 2],
      ["d", 3],
    ]);
    expect(position()).toEqual({ streamSequence: 5, logSize: 4 });
  });

  it("tells of a record that was there already, unless its block has a fault that says more", async () => {
    const { store, told, places } = blockStore();
    const again = recordOf("a");
    await ingestBlocks([streamed(1, [again])], store);
    const { breaks } = await ingestBlocks([streamed(2, [again]), streamed(4, [again])], store);
    expect(breaks.map((one) => one.fault)).toEqual(["replayed", "broken_link"]);
    expect(told().map(([, fault]) => fault)).toEqual([undefined, "replayed", "broken_link"]);
    expect(places.map(([, place]) => place)).toEqual([0, 1, 2]);
  });
});
