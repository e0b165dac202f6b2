import { isJsonObject, type JsonObject, type JsonValue } from "@vivified/contracts";

/**
 * A payload that a question can be asked about: a JSON object, in which no key is `*` (that word stands for every array
 * index in the paths of fields and obligations). Undefined for anything else.
 */
export function acceptPayload(value: JsonValue | undefined): JsonObject | undefined {
  return isJsonObject(value) && !namesStar(value) ? value : undefined;
}

function namesStar(value: JsonValue): boolean {
  if (Array.isArray(value)) return value.some(namesStar);
  if (!isJsonObject(value)) return false;
  return Object.entries(value).some(([key, member]) => key === "*" || namesStar(member));
}
