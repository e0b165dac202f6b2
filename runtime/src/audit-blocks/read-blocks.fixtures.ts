import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import {
  type AuditBlock,
  type AuditRecord,
  auditEventsStream,
  canonicalJson,
  firstBlockPrevious,
} from "@vivified/contracts";
import type { NatsConnection } from "../nats/connect-nats.ts";
import { hashBlock } from "./encode-block.ts";

const subjectPrefix = "audit.blocks.";

/** Reads a writer's blocks from the stream and checks every link: canonical, chained, without gap or double. */
export async function readChain(connection: NatsConnection, writer: string): Promise<AuditRecord[]> {
  return recordsOf(await readAll(connection, (one) => one === writer));
}

/** The same of all chains of one process (`<writer>-0` …), in the order of the stream. */
export async function readTrail(connection: NatsConnection, writer: string): Promise<AuditRecord[]> {
  return recordsOf(await readAll(connection, (one) => new RegExp(`^${writer}-[0-9]+$`).test(one)));
}

/** How many blocks there are of each chain of a process. */
export async function countBlocks(connection: NatsConnection, writer: string): Promise<readonly number[]> {
  const counts = Object.entries(await subjectsOf(connection));
  const chain = new RegExp(`^${subjectPrefix}${writer}-[0-9]+$`);
  return counts.filter(([subject]) => chain.test(subject)).map(([, count]) => count);
}

type Link = { readonly epoch: string; readonly sequence: number; readonly hash: string };
type Message = { readonly writer: string; readonly bytes: Uint8Array };

function recordsOf(messages: readonly Message[]): AuditRecord[] {
  const links = new Map<string, Link>();
  return messages.flatMap(({ writer, bytes }) => {
    const text = Buffer.from(bytes).toString();
    const block: AuditBlock = JSON.parse(text);
    if (canonicalJson(block) !== text) throw new Error("a block is not canonical");
    checkLink(block, links.get(writer));
    links.set(writer, { epoch: block.epoch, sequence: block.sequence, hash: hashBlock(bytes) });
    return block.records;
  });
}

function checkLink({ writer, epoch, sequence, previous }: AuditBlock, before: Link | undefined): void {
  const name = `block ${writer} ${epoch}/${sequence}`;
  if (previous !== (before?.hash ?? firstBlockPrevious)) throw new Error(`${name} breaks the chain`);
  const next = before?.epoch === epoch ? before.sequence + 1 : 0;
  if (sequence !== next) throw new Error(`${name} is out of sequence`);
}

async function subjectsOf(connection: NatsConnection): Promise<Record<string, number>> {
  const manager = await jetstreamManager(connection);
  const info = await manager.streams.info(auditEventsStream.name, { subjects_filter: `${subjectPrefix}>` });
  return info.state.subjects ?? {};
}

async function readAll(connection: NatsConnection, wanted: (writer: string) => boolean): Promise<Message[]> {
  const subjects = Object.keys(await subjectsOf(connection));
  const filter_subjects = subjects.filter((subject) => wanted(subject.slice(subjectPrefix.length)));
  const messages: Message[] = [];
  if (filter_subjects.length === 0) return messages;
  const consumer = await jetstream(connection).consumers.get(auditEventsStream.name, { filter_subjects });
  const { num_pending } = await consumer.info();
  for await (const message of await consumer.fetch({ max_messages: num_pending, expires: 5_000 })) {
    messages.push({ writer: message.subject.slice(subjectPrefix.length), bytes: message.data });
    if (messages.length === num_pending) break;
  }
  return messages;
}
