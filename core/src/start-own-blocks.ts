import { coreWriter } from "@vivified/contracts";
import { BlockChain, natsBlockStream, openProcessKey, uuidv7, Worker } from "@vivified/runtime";
import { ownRecords, sameStream, writeOwnBlocks } from "./audit/index.ts";
import type { Foundation } from "./foundation.ts";

/** Writes core's own records into the audit stream, in blocks of its own. */
export async function startOwnBlocks(
  { nats, db, logger, bell, config }: Foundation,
  stack: AsyncDisposableStack,
): Promise<Worker> {
  const key = await openProcessKey({ ...config, name: coreWriter });
  const stream = await natsBlockStream({ connection: nats, writer: coreWriter, key, timeoutMs: 5_000 });
  const chain = new BlockChain({ writer: coreWriter, stream, newId: uuidv7 });
  const records = ownRecords(db);
  const work = () => writeOwnBlocks({ records, chain, sameStream: () => sameStream(nats, db) });
  const worker = stack.use(new Worker({ name: "own audit blocks", work, everyMs: 500, logger }));
  bell.onRing(() => worker.wake());
  return worker;
}
