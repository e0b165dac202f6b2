import { firstBlockPrevious } from "@vivified/contracts";
import { holdsFuture } from "./holds-future.ts";
import type { StreamedBlock } from "./parse-block.ts";

/** The block of the same writer that stands before in the stream. */
export type ChainLink = { readonly epoch: string; readonly sequence: number; readonly hash: string };

/**
 * What is wrong with a record in a block that fits into its chain. `replayed`: it was there already. `foreign_outcome`: it
 * tells what became of a decision that its writer did not make before.
 */
export type RecordFault = "replayed" | "foreign_outcome";

/**
 * `unsigned`: its writer did not sign it. `repeated_epoch`: begins an epoch that the writer had before. `unstorable`: the
 * database cannot hold its records. `future_record`: one of them is later than a clock can be wrong.
 */
export type ChainFault =
  | "unsigned"
  | "malformed"
  | "foreign_writer"
  | "broken_link"
  | "broken_sequence"
  | "repeated_epoch"
  | "unstorable"
  | "future_record"
  | RecordFault;

/**
 * What is wrong with a block's place in its writer's chain, or nothing: it must name the hash of the block before, and
 * count up by one within an epoch, from 0 in a new one.
 */
export function chainFault(streamed: StreamedBlock, before: ChainLink | undefined): ChainFault | undefined {
  const { block } = streamed;
  if (streamed.unsigned) return "unsigned";
  if (block === undefined) return "malformed";
  if (streamed.unstorable) return "unstorable";
  if (holdsFuture(block, streamed)) return "future_record";
  if (block.writer !== streamed.subjectWriter) return "foreign_writer";
  if (block.previous !== (before?.hash ?? firstBlockPrevious)) return "broken_link";
  const expected = before?.epoch === block.epoch ? before.sequence + 1 : 0;
  return block.sequence === expected ? undefined : "broken_sequence";
}
