import {
  type EventEnvelope,
  eventTypePattern,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type SpiffeId,
} from "@vivified/contracts";
import { Type } from "typebox";
import { Check } from "typebox/value";

/** An event as the store gave it back, checked. */
export type StoredEvent = Omit<EventEnvelope, "payload" | "source"> & {
  readonly payload: JsonObject;
  readonly source: SpiffeId;
};

const text = Type.String({ minLength: 1, maxLength: 2048 });
const envelope = Type.Object({
  event_id: Type.String({ pattern: "^[0-9a-f-]{36}$" }),
  trace_id: Type.String({ pattern: "^[0-9a-f]{32}$" }),
  event_type: Type.String({ pattern: eventTypePattern }),
  timestamp: text,
  source_plugin: text,
  source: Type.String({ pattern: "^spiffe://" }),
  data_traits: Type.Array(Type.String()),
  metadata: Type.Record(Type.String(), Type.String()),
  decision_id: text,
});
/** Reads a stored event; undefined for what is none: the gateway did not write it. Strictness was paid at the door. */
export function parseStoredEvent(data: Uint8Array): StoredEvent | undefined {
  try {
    const value: JsonValue = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(data));
    return isJsonObject(value) && isJsonObject(value.payload) && isEnvelope(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isEnvelope(value: JsonObject): value is JsonObject & StoredEvent {
  return Check(envelope, value);
}
