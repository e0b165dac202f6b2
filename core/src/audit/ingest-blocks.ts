import type { BlockStore, JudgedBlock } from "./block-store.ts";
import { type ChainFault, type ChainLink, chainFault } from "./chain-fault.ts";
import type { StreamedBlock } from "./parse-block.ts";

/** A block that does not fit into its writer's chain: somebody altered, lost or forged something. */
export type ChainBreak = { readonly streamSequence: number; readonly writer: string; readonly fault: ChainFault };

export type IngestResult = { readonly taken: number; readonly breaks: readonly ChainBreak[] };

/**
 * Takes blocks in, in the order of the stream, each exactly once however often it is delivered: what lies at or before
 * the position that the same transaction moves was taken before. A block with a fault is kept and reported, never skipped.
 */
export async function ingestBlocks(delivered: readonly StreamedBlock[], store: BlockStore): Promise<IngestResult> {
  const position = await store.lockPosition();
  const fresh = delivered
    .filter((one) => one.streamSequence > position)
    .sort((a, b) => a.streamSequence - b.streamSequence);
  const links = new Map<string, ChainLink | undefined>();
  const judged: JudgedBlock[] = [];
  for (const streamed of fresh) {
    const { subjectWriter: writer } = streamed;
    if (!links.has(writer)) links.set(writer, await store.lastOf(writer));
    judged.push({ streamed, fault: chainFault(streamed, links.get(writer)) });
    links.set(writer, linkOf(streamed));
  }
  const last = fresh.at(-1);
  if (last === undefined) return { taken: 0, breaks: [] };
  await store.take(judged);
  await store.movePosition(last.streamSequence);
  return { taken: fresh.length, breaks: judged.flatMap(breakOf) };
}

function breakOf({ streamed, fault }: JudgedBlock): ChainBreak[] {
  const { streamSequence, subjectWriter: writer } = streamed;
  return fault === undefined ? [] : [{ streamSequence, writer, fault }];
}

function linkOf({ block, hash }: StreamedBlock): ChainLink {
  return { epoch: block?.epoch ?? "", sequence: block?.sequence ?? 0, hash };
}
