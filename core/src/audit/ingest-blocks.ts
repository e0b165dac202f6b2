import type { BlockStore } from "./block-store.ts";
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
  const breaks: ChainBreak[] = [];
  for (const streamed of fresh) {
    const { subjectWriter: writer, streamSequence } = streamed;
    if (!links.has(writer)) links.set(writer, await store.lastOf(writer));
    const fault = chainFault(streamed, links.get(writer));
    if (fault !== undefined) breaks.push({ streamSequence, writer, fault });
    await store.take(streamed, fault);
    links.set(writer, linkOf(streamed));
  }
  const last = fresh.at(-1);
  if (last !== undefined) await store.movePosition(last.streamSequence);
  return { taken: fresh.length, breaks };
}

function linkOf({ block, hash }: StreamedBlock): ChainLink {
  return { epoch: block?.epoch ?? "", sequence: block?.sequence ?? 0, hash };
}
