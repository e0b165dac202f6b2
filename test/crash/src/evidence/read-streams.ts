import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { DeliverPolicy, type JsMsg, jetstream, jetstreamManager } from "@nats-io/jetstream";
import type { Platform } from "@vivified/cli";
import {
  type AuditBlock,
  auditEventsStream,
  canonicalEventsStream,
  type EventEnvelope,
  subscriberConsumerName,
} from "@vivified/contracts";
import { connectNats, createLogger, type NatsConnection, Secret } from "@vivified/runtime";
import type { StoredBlock, StoredEvent } from "./evidence.ts";

/** Connections to what keeps streams: the audit trail in one account, events in another. */
export type Keepers = { readonly trail: NatsConnection; readonly events: NatsConnection };

/** Connects as those who may read every stream of their account. */
export async function connectKeepers({ home }: Platform, stack: AsyncDisposableStack): Promise<Keepers> {
  const { nats } = JSON.parse(await readFile(home.at("ports.json"), "utf8")) as { nats: number };
  const connect = async (user: string) => {
    const password = new Secret((await readFile(home.at("secrets", `nats-${user}`), "utf8")).trim());
    const logger = createLogger({ process: "crash harness", level: "silent" });
    return stack.use(
      await connectNats({ url: `nats://127.0.0.1:${nats}`, user, password, name: "crash harness", logger }),
    );
  };
  return { trail: await connect("installer"), events: await connect("events-installer") };
}

/** Every block that the audit stream holds, in its order. */
export function readBlocks({ trail }: Keepers): Promise<readonly StoredBlock[]> {
  return readAll(trail, auditEventsStream.name, (message) => ({
    streamSequence: message.seq,
    writer: message.subject.split(".").at(-1) ?? "",
    hash: createHash("sha256").update(message.data).digest("hex"),
    storedMs: Number(message.timestampNanos / 1000n) / 1000,
    block: message.json<AuditBlock>(),
  }));
}

export function readEvents({ events }: Keepers): Promise<readonly StoredEvent[]> {
  return readAll(events, canonicalEventsStream.name, (message) => {
    const { event_id: eventId, event_type: type, source_plugin: source } = message.json<EventEnvelope>();
    return { eventId, type, source };
  });
}

/** The sequence of the last block. */
export async function lastBlock({ trail }: Keepers): Promise<number> {
  const manager = await jetstreamManager(trail);
  return (await manager.streams.info(auditEventsStream.name)).state.last_seq;
}

/** Whether the witness has every event, and no gateway has one in hand that will come again. */
export async function isDelivered({ events }: Keepers): Promise<boolean> {
  const manager = await jetstreamManager(events);
  const { num_pending, num_ack_pending } = await manager.consumers.info(
    canonicalEventsStream.name,
    subscriberConsumerName("witness"),
  );
  return num_pending === 0 && num_ack_pending === 0;
}

async function readAll<T>(connection: NatsConnection, stream: string, read: (message: JsMsg) => T): Promise<T[]> {
  const manager = await jetstreamManager(connection);
  const { state } = await manager.streams.info(stream);
  const found: T[] = [];
  if (state.messages === 0) return found;
  const consumer = await jetstream(connection).consumers.get(stream, { deliver_policy: DeliverPolicy.All });
  const messages = await consumer.consume({ max_messages: 500 });
  for await (const message of messages) {
    found.push(read(message));
    if (message.seq >= state.last_seq) break;
  }
  await messages.close();
  return found;
}
