import { isJsonObject, type JsonValue } from "@vivified/contracts";

/** What lies at a JSON Pointer (RFC 6901); undefined when nothing does. */
export function valueAt(value: JsonValue, pointer: string): JsonValue | undefined {
  const names = pointer.split("/").slice(1);
  return names.reduce<JsonValue | undefined>((place, name) => memberOf(place, name), value);
}

function memberOf(place: JsonValue | undefined, escaped: string): JsonValue | undefined {
  const name = escaped.replaceAll("~1", "/").replaceAll("~0", "~");
  if (Array.isArray(place)) return /^(0|[1-9]\d{0,8})$/.test(name) ? place[Number(name)] : undefined;
  return isJsonObject(place) && Object.hasOwn(place, name) ? place[name] : undefined;
}
