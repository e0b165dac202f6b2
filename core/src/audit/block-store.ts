import type { AuditRecord, DecisionRecord, OutcomeRecord } from "@vivified/contracts";
import type { ChainFault, ChainLink, RecordFault } from "./chain-fault.ts";
import type { StreamedBlock } from "./parse-block.ts";

/** A block, and what is wrong with it: its place in its writer's chain, or what it holds. */
export type JudgedBlock = { readonly streamed: StreamedBlock; readonly fault: ChainFault | undefined };

/** A record and its places: in the stream (its block's), and in the log that all records of all blocks make up. */
export type PlacedRecord = {
  readonly record: AuditRecord;
  readonly streamSequence: number;
  /** Counts from 0 without gaps, in the order of the stream. */
  readonly logIndex: number;
  /** On whose subject it stands. */
  readonly subjectWriter: string;
  /** Whose word it is, as far as the block can be believed. */
  readonly writer: string | undefined;
  /** It may have a row of its own: the database can hold it, and its time can be believed. */
  readonly storable: boolean;
};

export type PlacedDecision = PlacedRecord & { readonly record: DecisionRecord };
export type PlacedOutcome = PlacedRecord & { readonly record: OutcomeRecord };

/** How far blocks have been taken in: the last one's sequence, and how many records they held. */
export type AuditPosition = { readonly streamSequence: number; readonly logSize: number };

/** Blocks of the audit stream in the order of the stream, and how far they have been taken in. */
export type BlockStore = {
  /** Waits for whoever else is taking blocks in (row lock). */
  readonly lockPosition: () => Promise<AuditPosition>;
  readonly lastOf: (writer: string) => Promise<ChainLink | undefined>;
  /** Whether the writer has a block of this epoch. */
  readonly hasEpoch: (writer: string, epoch: string) => Promise<boolean>;
  /** Keeps decisions, outcomes and the log's leaves; gives the log indexes of those that cannot count, and why. */
  readonly takeRecords: (records: readonly PlacedRecord[]) => Promise<ReadonlyMap<number, RecordFault>>;
  readonly takeBlocks: (blocks: readonly JudgedBlock[]) => Promise<void>;
  readonly movePosition: (position: AuditPosition) => Promise<void>;
};
