import { jetstreamManager } from "@nats-io/jetstream";
import { auditEventsStream } from "@vivified/contracts";
import type { NatsConnection } from "@vivified/runtime";

/** Bytes that the audit stream has on disk, and may have: -1 when it has no bound of its own. */
export async function streamBytes(
  nats: NatsConnection,
): Promise<{ readonly bytes: number; readonly maxBytes: number }> {
  const { state, config } = await (await jetstreamManager(nats)).streams.info(auditEventsStream.name);
  return { bytes: state.bytes, maxBytes: config.max_bytes };
}
