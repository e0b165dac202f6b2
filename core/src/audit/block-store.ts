import type { ChainFault, ChainLink } from "./chain-fault.ts";
import type { StreamedBlock } from "./parse-block.ts";

/** A block, and what is wrong with its place in its writer's chain. */
export type JudgedBlock = { readonly streamed: StreamedBlock; readonly fault: ChainFault | undefined };

/** Blocks of the audit stream in the order of the stream, and how far they have been taken in. */
export type BlockStore = {
  /** The sequence of the last block that was taken in; waits for whoever else is taking blocks in (row lock). */
  readonly lockPosition: () => Promise<number>;
  readonly lastOf: (writer: string) => Promise<ChainLink | undefined>;
  /** Keeps the blocks, their decisions and outcomes, and what is wrong with them, if anything. */
  readonly take: (blocks: readonly JudgedBlock[]) => Promise<void>;
  readonly movePosition: (streamSequence: number) => Promise<void>;
};
