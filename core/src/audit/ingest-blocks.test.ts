import { type AuditBlock, firstBlockPrevious } from "@vivified/contracts";
import { describe, expect, it } from "vitest";
import type { BlockStore, JudgedBlock } from "./block-store.ts";
import { ingestBlocks } from "./ingest-blocks.ts";
import type { StreamedBlock } from "./parse-block.ts";

const hashOf = (sequence: number) => String(sequence).repeat(64).slice(0, 64);

/** The blocks of one chain, one in each place of the stream. */
function streamed(streamSequence: number): StreamedBlock {
  const sequence = streamSequence - 1;
  const previous = sequence === 0 ? firstBlockPrevious : hashOf(sequence);
  const block: AuditBlock = { version: 1, writer: "w", epoch: "e", sequence, previous, records: [] };
  return { streamSequence, subjectWriter: "w", hash: hashOf(streamSequence), block };
}

function blockStore() {
  const taken: JudgedBlock[] = [];
  let position = 0;
  const store: BlockStore = {
    lockPosition: async () => position,
    lastOf: async () => {
      const last = taken.at(-1)?.streamed;
      return last?.block && { epoch: last.block.epoch, sequence: last.block.sequence, hash: last.hash };
    },
    take: async (blocks) => void taken.push(...blocks),
    movePosition: async (streamSequence) => {
      position = streamSequence;
    },
  };
  const told = () => taken.map(({ streamed: { streamSequence }, fault }) => [streamSequence, fault]);
  return { store, told };
}

describe("ingestBlocks", () => {
  it("takes each block once, however often it is delivered", async () => {
    const { store, told } = blockStore();
    expect(await ingestBlocks([1, 2].map(streamed), store)).toEqual({ taken: 2, breaks: [] });
    expect(await ingestBlocks([1, 2].map(streamed), store)).toEqual({ taken: 0, breaks: [] });
    expect(await ingestBlocks([2, 3].map(streamed), store)).toEqual({ taken: 1, breaks: [] });
    expect(told()).toEqual([1, 2, 3].map((place) => [place, undefined]));
  });

  it("takes them in the order of the stream, whatever the order of delivery", async () => {
    const { store, told } = blockStore();
    expect(await ingestBlocks([3, 1, 2].map(streamed), store)).toEqual({ taken: 3, breaks: [] });
    expect(told()).toEqual([1, 2, 3].map((place) => [place, undefined]));
  });

  it("keeps a block with a fault, and tells of it", async () => {
    const { store, told } = blockStore();
    const result = await ingestBlocks([1, 3].map(streamed), store);
    expect(result).toEqual({ taken: 2, breaks: [{ streamSequence: 3, writer: "w", fault: "broken_link" }] });
    expect(told()).toEqual([
      [1, undefined],
      [3, "broken_link"],
    ]);
  });
});
