import { type JetStreamManager, jetstream, jetstreamManager, type PubAck } from "@nats-io/jetstream";
import { canonicalEventSubject, canonicalEventsStream, canonicalJson, type EventEnvelope } from "@vivified/contracts";
import { type NatsConnection, VivifiedError } from "@vivified/runtime";
import type { EventStore } from "./event-store.ts";

const stream = canonicalEventsStream.name;

/** Events in the JetStream stream `CANONICAL_EVENTS`; the event's id is the message's id. */
export function jetStreamEventStore(connection: NatsConnection, timeoutMs = 5_000): EventStore {
  const client = jetstream(connection, { timeout: timeoutMs });
  return {
    async store(event: EventEnvelope) {
      const bytes = new TextEncoder().encode(JSON.stringify(event));
      if (bytes.length > (connection.info?.max_payload ?? 1024 * 1024) - 4096) throw new VivifiedError("too_large");
      try {
        const subject = canonicalEventSubject(event.event_type);
        const acked = await client.publish(subject, bytes, { msgID: event.event_id, expect: { streamName: stream } });
        if (acked.duplicate) await refuseAnother(event, acked, await jetstreamManager(connection, { checkAPI: false }));
        return { bytes: bytes.length };
      } catch (cause) {
        if (cause instanceof VivifiedError) throw cause;
        throw new VivifiedError("events_unavailable", { cause });
      }
    },
  };
}

/** A repeated id is a repeated request only if it says the same: otherwise an event would be dropped in silence. */
async function refuseAnother(event: EventEnvelope, { seq }: PubAck, manager: JetStreamManager): Promise<void> {
  const stored = await manager.streams.getMessage(stream, { seq });
  const subject = canonicalEventSubject(event.event_type);
  if (stored?.subject === subject && saying(stored.json()) === saying(event)) return;
  throw new VivifiedError("conflict", { detail: "this Idempotency-Key was used for another event" });
}

function saying({ event_type, payload, data_traits, metadata }: EventEnvelope): string {
  return canonicalJson({ event_type, payload, data_traits, metadata });
}
