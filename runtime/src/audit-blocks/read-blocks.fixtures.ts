import { jetstream } from "@nats-io/jetstream";
import {
  type AuditBlock,
  type AuditRecord,
  auditBlockSubject,
  auditEventsStream,
  canonicalJson,
  firstBlockPrevious,
} from "@vivified/contracts";
import type { NatsConnection } from "../nats/connect-nats.ts";
import { hashBlock } from "./encode-block.ts";

/** Reads a writer's blocks from the stream and checks every link: canonical, chained, without gap or double. */
export async function readChain(connection: NatsConnection, writer: string): Promise<AuditRecord[]> {
  let previous = firstBlockPrevious;
  let expected: { epoch: string; sequence: number } | undefined;
  const records: AuditRecord[] = [];
  for (const bytes of await readAll(connection, writer)) {
    const block: AuditBlock = JSON.parse(Buffer.from(bytes).toString());
    if (canonicalJson(block) !== Buffer.from(bytes).toString()) throw new Error("a block is not canonical");
    if (block.previous !== previous) throw new Error(`block ${block.epoch}/${block.sequence} breaks the chain`);
    const next = expected?.epoch === block.epoch ? expected.sequence + 1 : 0;
    if (block.sequence !== next) throw new Error(`block ${block.epoch}/${block.sequence} is out of sequence`);
    previous = hashBlock(bytes);
    expected = block;
    records.push(...block.records);
  }
  return records;
}

async function readAll(connection: NatsConnection, writer: string): Promise<Uint8Array[]> {
  const filter_subjects = auditBlockSubject(writer);
  const consumer = await jetstream(connection).consumers.get(auditEventsStream.name, { filter_subjects });
  const { num_pending } = await consumer.info();
  const blocks: Uint8Array[] = [];
  if (num_pending === 0) return blocks;
  for await (const message of await consumer.fetch({ max_messages: num_pending, expires: 5_000 })) {
    blocks.push(message.data);
    if (blocks.length === num_pending) break;
  }
  return blocks;
}
