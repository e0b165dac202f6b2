import type { JsonObject, JsonValue } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";

const forbiddenNames = new Set(["__proto__", "constructor", "prototype"]);

/**
 * A query string or form as fields, so that policy sees what leaves in it: one value per name, or a list when the name
 * is repeated.
 *
 * @throws VivifiedError `malformed` 400: an escape that is not UTF-8, or a name that no payload may use.
 */
export function parseFormFields(text: string): JsonObject {
  const fields: { [name: string]: JsonValue } = {};
  for (const pair of text.split("&").filter((part) => part !== "")) {
    const at = pair.indexOf("=");
    const name = decode(at < 0 ? pair : pair.slice(0, at));
    const value = decode(at < 0 ? "" : pair.slice(at + 1));
    if (forbiddenNames.has(name)) throw new VivifiedError("malformed", { detail: "a parameter's name is not allowed" });
    const before = Object.hasOwn(fields, name) ? fields[name] : undefined;
    fields[name] = before === undefined ? value : [before, value].flat();
  }
  return fields;
}

/** Fields as a query string or form, percent-encoded. What is neither text, number, boolean nor a list is left out. */
export function formatFormFields(fields: JsonObject): string {
  return Object.entries(fields)
    .flatMap(([name, value]) => [value].flat().map((one) => [name, one] as const))
    .filter(([, value]) => ["string", "number", "boolean"].includes(typeof value))
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
    .join("&");
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch (cause) {
    throw new VivifiedError("malformed", { detail: "a parameter is not UTF-8", cause });
  }
}
