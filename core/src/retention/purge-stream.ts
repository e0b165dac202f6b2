import { jetstreamManager } from "@nats-io/jetstream";
import { auditEventsStream } from "@vivified/contracts";
import type { NatsConnection } from "@vivified/runtime";

/** Takes the blocks before a sequence out of the audit stream; gives whether there were any. */
export async function purgeStream(nats: NatsConnection, firstKept: number): Promise<boolean> {
  const { streams } = await jetstreamManager(nats);
  const { state } = await streams.info(auditEventsStream.name);
  if (state.messages === 0 || state.first_seq >= firstKept) return false;
  const { purged } = await streams.purge(auditEventsStream.name, { seq: firstKept });
  return purged > 0;
}
