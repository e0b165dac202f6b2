import {
  type EventEnvelope,
  eventTypePattern,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type SpiffeId,
} from "@vivified/contracts";
import { parseStrictJson } from "@vivified/runtime";
import { Type } from "typebox";
import { Check } from "typebox/value";

/** An event as the store gave it back, checked. */
export type StoredEvent = Omit<EventEnvelope, "payload" | "source"> & {
  readonly payload: JsonObject;
  readonly source: SpiffeId;
};

const text = Type.String({ minLength: 1, maxLength: 2048 });
/** These stand in records, whose columns and indexes hold no text of any size. */
const name = Type.String({ pattern: "^[\\x21-\\x7e]{1,64}$" });
const envelope = Type.Object({
  event_id: Type.String({ pattern: "^[0-9a-f-]{36}$" }),
  trace_id: Type.String({ pattern: "^[0-9a-f]{32}$" }),
  event_type: Type.String({ pattern: eventTypePattern }),
  timestamp: text,
  source_plugin: name,
  source: Type.String({ pattern: "^spiffe://" }),
  data_traits: Type.Array(Type.String()),
  metadata: Type.Record(Type.String(), Type.String()),
  decision_id: name,
});
/** Reads a stored event; undefined for what is none: the gateway did not write it. Strictness was paid at the door. */
export function parseStoredEvent(data: Uint8Array): StoredEvent | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(data);
    // half a character hides behind an escape only, and no record holds it
    const value: JsonValue = text.includes("\\u") ? parseStrictJson(text) : JSON.parse(text);
    return isJsonObject(value) && isJsonObject(value.payload) && isEnvelope(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isEnvelope(value: JsonObject): value is JsonObject & StoredEvent {
  return Check(envelope, value);
}
