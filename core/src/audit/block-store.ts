import type { ChainFault, ChainLink } from "./chain-fault.ts";
import type { StreamedBlock } from "./parse-block.ts";

/** Blocks of the audit stream in the order of the stream, and how far they have been taken in. */
export type BlockStore = {
  /** The sequence of the last block that was taken in; waits for whoever else is taking blocks in (row lock). */
  readonly lockPosition: () => Promise<number>;
  readonly lastOf: (writer: string) => Promise<ChainLink | undefined>;
  /** Keeps the block, its decisions and outcomes, and what is wrong with it, if anything. */
  readonly take: (streamed: StreamedBlock, fault: ChainFault | undefined) => Promise<void>;
  readonly movePosition: (streamSequence: number) => Promise<void>;
};
