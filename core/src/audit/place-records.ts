import type { JudgedBlock, PlacedRecord } from "./block-store.ts";

/**
 * Gives every record of every block that parses the next place in the log, whatever is wrong with the block: what came
 * in order is told in order, and an auditor sees faults too.
 */
export function placeRecords(blocks: readonly JudgedBlock[], logSize: number): readonly PlacedRecord[] {
  return blocks
    .flatMap(({ streamed: { block, streamSequence, subjectWriter }, fault }) =>
      (block?.records ?? []).map((record) => ({
        record,
        streamSequence,
        subjectWriter,
        writer: fault === undefined ? block?.writer : undefined,
        storable: fault !== "unstorable" && fault !== "future_record",
      })),
    )
    .map((placed, nth) => ({ ...placed, logIndex: logSize + nth }));
}
