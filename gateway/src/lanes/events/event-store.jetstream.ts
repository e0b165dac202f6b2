import { jetstream } from "@nats-io/jetstream";
import { canonicalEventSubject, canonicalEventsStream, type EventEnvelope } from "@vivified/contracts";
import { type NatsConnection, VivifiedError } from "@vivified/runtime";
import type { EventStore } from "./event-store.ts";

/** Events in the JetStream stream `CANONICAL_EVENTS`; the event's id is the message's id. */
export function jetStreamEventStore(connection: NatsConnection, timeoutMs = 5_000): EventStore {
  const client = jetstream(connection, { timeout: timeoutMs });
  return {
    async store(event: EventEnvelope) {
      const bytes = new TextEncoder().encode(JSON.stringify(event));
      if (bytes.length > (connection.info?.max_payload ?? 1024 * 1024) - 4096) throw new VivifiedError("too_large");
      try {
        await client.publish(canonicalEventSubject(event.event_type), bytes, {
          msgID: event.event_id,
          expect: { streamName: canonicalEventsStream.name },
        });
        return { bytes: bytes.length };
      } catch (cause) {
        throw new VivifiedError("events_unavailable", { cause });
      }
    },
  };
}
