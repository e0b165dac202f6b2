import { BlockOvertaken, type BlockStream, type StoredBlock } from "./block-stream.ts";

/** What happens to an append: stored and told, lost, stored and not told, or stored later and not told. */
export type Fate = "stored" | "lost" | "untold" | "late";

export type FakeBlockStream = BlockStream & {
  readonly blocks: readonly StoredBlock[];
  /** Lets everything land that is still on its way. */
  readonly settle: () => void;
};

/** A stream in memory that keeps JetStream's promise about expected sequences and breaks every other one. */
export function fakeBlockStream(nextFate: () => Fate): FakeBlockStream {
  const blocks: StoredBlock[] = [];
  const underway: { bytes: Uint8Array; after: number }[] = [];
  const store = (block: { bytes: Uint8Array; after: number }): number => {
    if ((blocks.at(-1)?.streamSequence ?? 0) !== block.after) throw new BlockOvertaken("wrong last sequence");
    const streamSequence = block.after + 3; // other writers take numbers, too
    blocks.push({ streamSequence, bytes: block.bytes });
    return streamSequence;
  };
  const settle = () => {
    for (const block of underway.splice(0)) {
      try {
        store(block);
      } catch {
        // it came too late
      }
    }
  };
  return {
    blocks,
    settle,
    append: async (block) => {
      const fate = nextFate();
      if (fate === "late") underway.push(block);
      else if (fate !== "lost") {
        settle();
        const sequence = store(block);
        if (fate === "stored") return sequence;
      }
      throw new Error("timeout");
    },
    firstAfter: async (sequence) => blocks.find((block) => block.streamSequence > sequence),
    last: async () => blocks.at(-1),
  };
}
