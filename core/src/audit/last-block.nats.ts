import { jetstreamManager } from "@nats-io/jetstream";
import { auditEventsStream } from "@vivified/contracts";
import type { NatsConnection } from "@vivified/runtime";

/** The sequence of the last block that the audit stream has; 0 when there never was one. */
export async function lastBlock(nats: NatsConnection): Promise<number> {
  const { state } = await (await jetstreamManager(nats)).streams.info(auditEventsStream.name);
  return state.last_seq;
}
