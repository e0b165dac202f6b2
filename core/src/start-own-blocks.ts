import { createPublicKey, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { coreWriter } from "@vivified/contracts";
import {
  BlockChain,
  natsBlockStream,
  openProcessKey,
  parseProcessKeys,
  uuidv7,
  VivifiedError,
  Worker,
} from "@vivified/runtime";
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
  const mayWrite = async () => {
    await requireNamed(key, config.processKeysFile);
    await sameStream(nats, db);
  };
  const work = () => writeOwnBlocks({ records, chain, mayWrite });
  const worker = stack.use(new Worker({ name: "own audit blocks", work, everyMs: 500, logger }));
  bell.onRing(() => worker.wake());
  return worker;
}

/** The file of keys may have changed: a block by a key that it does not name for core any more is nobody's. */
async function requireNamed(key: KeyObject, file: string): Promise<void> {
  const [own, known] = [createPublicKey(key), parseProcessKeys(await readFile(file, "utf8")).get(coreWriter)];
  if (known?.some((one) => one.equals(own))) return;
  throw new VivifiedError("invalid_config", {
    detail: "PROCESS_KEYS_FILE names another key for core than it signs with",
  });
}
