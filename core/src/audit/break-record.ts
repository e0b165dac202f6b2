import type { DecisionRecord } from "@vivified/contracts";
import { newTrace } from "@vivified/runtime";
import type { ChainFault, RecordFault } from "./chain-fault.ts";
import { changeRecord } from "./change-record.ts";
import type { ChainBreak } from "./ingest-blocks.ts";

const recordMessages: { readonly [fault in RecordFault]: string } = {
  replayed: "A decision block holds a record that was there already",
  foreign_outcome: "A decision block tells what became of a decision that its writer did not make",
};

const isOfRecord = (fault: ChainFault): fault is RecordFault => fault in recordMessages;

/**
 * How a broken chain is told in the decision log, in the transaction that keeps the block. The record names the block by
 * its hash, so that the log proves what it was, also of one whose records have no place of their own.
 */
export function breakRecord({ writer, streamSequence, fault, hash }: ChainBreak): DecisionRecord {
  const message = isOfRecord(fault) ? recordMessages[fault] : "A decision block does not fit into its writer's chain";
  return changeRecord({
    entrypoint: "refused",
    caller: "core",
    action: "verify audit chain",
    resource: `writer ${writer}`,
    trace: newTrace(),
    reason: { rule: "audit.chain_broken", message, fix: "compare the block with the stream and find out who wrote it" },
    labels: { fault, stream_sequence: String(streamSequence), hash },
  });
}
