import { firstBlockPrevious } from "@vivified/contracts";
import type { Evidence, StoredBlock, Violation } from "../evidence/evidence.ts";

/**
 * I4: every writer's blocks name the one before and count up without a gap, the stream itself has no gap, no record
 * stands in it twice, and core found no fault either.
 */
export function chainsAreWhole({ blocks, kept }: Evidence): readonly Violation[] {
  const chains = Map.groupBy(blocks, ({ writer }) => writer);
  const records = blocks.flatMap(({ block }) => block.records);
  const decisions = records.flatMap((record) => (record.kind === "decision" ? record.decision_id : []));
  const outcomes = records.flatMap((record) => (record.kind === "outcome" ? record.decision_id : []));
  return [
    ...[...chains.values()].flatMap(chainFaults),
    ...blocks.flatMap(({ streamSequence }, at) =>
      streamSequence === at + 1 ? [] : [violation("the stream has a gap", [String(streamSequence)])],
    ),
    ...doubles(decisions).map((id) => violation("a decision stands in the stream twice", [id])),
    ...doubles(outcomes).map((id) => violation("an outcome stands in the stream twice", [id])),
    ...kept.faults.map((fault) => violation("core found a fault in a chain", [fault])),
  ];
}

function chainFaults(chain: readonly StoredBlock[]): Violation[] {
  return chain.flatMap((one, at) => {
    const before = chain[at - 1];
    const { writer, epoch, sequence, previous } = one.block;
    const expected = before?.block.epoch === epoch ? before.block.sequence + 1 : 0;
    const ids = [writer, epoch, String(sequence)];
    return [
      ...(writer === one.writer ? [] : [violation("a block stands under another writer's subject", ids)]),
      ...(previous === (before?.hash ?? firstBlockPrevious)
        ? []
        : [violation("a block names another one before", ids)]),
      ...(sequence === expected ? [] : [violation(`a block should have the sequence ${expected}`, ids)]),
    ];
  });
}

function doubles(ids: readonly string[]): string[] {
  const seen = new Set<string>();
  return ids.filter((id) => seen.size === seen.add(id).size);
}

const violation = (says: string, ids: readonly string[]): Violation => ({ invariant: "I4", says, ids });
