import { jetstreamManager } from "@nats-io/jetstream";
import { auditBlockPrefix, auditEventsStream } from "@vivified/contracts";
import type { NatsConnection } from "@vivified/runtime";

/**
 * The sequence of the last block that the audit stream has; of the last message before it, when all blocks were purged; 0
 * when there never was one. Whatever else lies in the stream is nothing that core waits for.
 */
export async function lastBlock(nats: NatsConnection): Promise<number> {
  const { streams } = await jetstreamManager(nats);
  const last = await streams.getMessage(auditEventsStream.name, { last_by_subj: `${auditBlockPrefix}>` });
  return last?.seq ?? Math.max(0, (await streams.info(auditEventsStream.name)).state.first_seq - 1);
}
