import { VivifiedError } from "@vivified/runtime";
import type { BlockStore, JudgedBlock, PlacedRecord } from "./block-store.ts";
import { type ChainFault, type ChainLink, chainFault, type RecordFault } from "./chain-fault.ts";
import type { StreamedBlock } from "./parse-block.ts";
import { placeRecords } from "./place-records.ts";

/** A block that does not fit into its writer's chain: somebody altered, lost or forged something. */
export type ChainBreak = {
  readonly streamSequence: number;
  readonly writer: string;
  readonly fault: ChainFault;
  /** Hex SHA-256 of the block. */
  readonly hash: string;
};

export type IngestResult = { readonly taken: number; readonly breaks: readonly ChainBreak[] };

/**
 * Takes blocks in, in the order of the stream, each exactly once however often it is delivered: what lies at or before
 * the position that the same transaction moves was taken before. A block with a fault is kept and reported, never skipped.
 * Every record gets its place in the log, also one that cannot count: its block is reported with the fault.
 *
 * @throws VivifiedError `audit_unavailable` when what was delivered before is not there any more: the database was put back
 */
export async function ingestBlocks(delivered: readonly StreamedBlock[], store: BlockStore): Promise<IngestResult> {
  const { streamSequence, logSize } = await store.lockPosition();
  const fresh = delivered
    .filter((one) => one.streamSequence > streamSequence)
    .sort((a, b) => a.streamSequence - b.streamSequence);
  const last = fresh.at(-1);
  if (last === undefined) return { taken: 0, breaks: [] };
  requireBefore(fresh, streamSequence);
  const judged = await judge(fresh, store);
  const records = placeRecords(judged, logSize);
  const faults = await store.takeRecords(records);
  const kept = judged.map(withFaultsOf(records, faults));
  await store.takeBlocks(kept);
  await store.movePosition({ streamSequence: last.streamSequence, logSize: logSize + records.length });
  return { taken: fresh.length, breaks: kept.flatMap(breakOf) };
}

/** Otherwise what the database lost would be passed over: its records would be in no row, and others in their places of the log. */
function requireBefore([first]: readonly StreamedBlock[], position: number): void {
  const after = first?.after ?? 0;
  if (after <= position) return;
  throw new VivifiedError("audit_unavailable", {
    detail: `the database was put back: it has the blocks up to ${position} and had those up to ${after}`,
  });
}

async function judge(fresh: readonly StreamedBlock[], store: BlockStore): Promise<readonly JudgedBlock[]> {
  const links = new Map<string, ChainLink | undefined>();
  const judged: JudgedBlock[] = [];
  for (const streamed of fresh) {
    const { subjectWriter: writer } = streamed;
    if (!links.has(writer)) links.set(writer, await store.lastOf(writer));
    const before = links.get(writer);
    const fault = chainFault(streamed, before) ?? (await epochFault(streamed, before, { judged, store }));
    judged.push({ streamed, fault });
    links.set(writer, linkOf(streamed));
  }
  return judged;
}

type Known = { readonly judged: readonly JudgedBlock[]; readonly store: BlockStore };

/** An epoch begins once: one that comes again is somebody's who knows only a part of the chain, or makes it up. */
async function epochFault(
  { block, subjectWriter: writer }: StreamedBlock,
  before: ChainLink | undefined,
  { judged, store }: Known,
): Promise<ChainFault | undefined> {
  if (block === undefined || before === undefined || before.epoch === block.epoch) return undefined;
  const { epoch } = block;
  const justNow = judged.some(({ streamed }) => streamed.subjectWriter === writer && streamed.block?.epoch === epoch);
  return justNow || (await store.hasEpoch(writer, epoch)) ? "repeated_epoch" : undefined;
}

/** A fault of the chain says more than one of its records, and stays; a foreign outcome says more than a replay. */
function withFaultsOf(
  records: readonly PlacedRecord[],
  faults: ReadonlyMap<number, RecordFault>,
): (block: JudgedBlock) => JudgedBlock {
  const sequencesOf = (fault: RecordFault) =>
    new Set(records.filter((one) => faults.get(one.logIndex) === fault).map((one) => one.streamSequence));
  const [foreign, replayed] = [sequencesOf("foreign_outcome"), sequencesOf("replayed")];
  return (block) => {
    const { streamSequence } = block.streamed;
    if (block.fault !== undefined) return block;
    if (foreign.has(streamSequence)) return { ...block, fault: "foreign_outcome" };
    return replayed.has(streamSequence) ? { ...block, fault: "replayed" } : block;
  };
}

function breakOf({ streamed, fault }: JudgedBlock): ChainBreak[] {
  const { streamSequence, subjectWriter: writer, hash } = streamed;
  return fault === undefined ? [] : [{ streamSequence, writer, fault, hash }];
}

function linkOf({ block, hash }: StreamedBlock): ChainLink {
  return { epoch: block?.epoch ?? "", sequence: block?.sequence ?? 0, hash };
}
