import { canonicalRecord, type DecisionRecord } from "@vivified/contracts";
import type { BlockChain, EncodedRecord } from "@vivified/runtime";
import type { OwnRecords } from "./own-records.ts";

export type OwnBlocksDeps = {
  readonly records: OwnRecords;
  readonly chain: BlockChain;
  /** Rejects where a block would not be believed, or not be taken in: the same would be written again without an end. */
  readonly mayWrite: () => Promise<unknown>;
};

const mostRecords = 500;
const mostBytes = 512 * 1024;

/**
 * Puts what waits into one block. What waits is known only when all blocks that core wrote have been taken in: until
 * then nothing is written. So no record stands in two blocks, whatever became of the last one, and of its writer.
 */
export async function writeOwnBlocks({ records, chain, mayWrite }: OwnBlocksDeps): Promise<void> {
  await records.alone(async () => {
    if (!chain.positioned) await chain.recover();
    if ((chain.after ?? 0) > (await records.takenIn())) return;
    const block = fitting(await records.waiting(mostRecords));
    if (block.length === 0) return;
    await mayWrite();
    await chain.append(block);
  });
}

/** As many as a block has room for, at least one. */
function fitting(records: readonly DecisionRecord[]): readonly EncodedRecord[] {
  const texts = records.map(canonicalRecord);
  let bytes = 0;
  const end = texts.findIndex((text, nth) => {
    bytes += Buffer.byteLength(text) + 1;
    return bytes > mostBytes && nth > 0;
  });
  return texts.slice(0, end === -1 ? texts.length : end).map((text) => ({ text }));
}
