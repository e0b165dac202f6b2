import type { JsonObject, JsonValue } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import type { Operation } from "../../snapshot/snapshot.ts";

/**
 * Where an operation is called: its path with every `{param}` filled from the payload, percent-encoded as one segment.
 * Operations without a body (GET, DELETE) take the payload's other members as query.
 *
 * @throws VivifiedError `invalid` 422 when a parameter is absent, not a text, number or boolean, or a dot segment.
 */
export function callPath(operation: Operation, payload: JsonObject): string {
  const named = new Set<string>();
  const path = operation.path.replaceAll(/\{([^{}]+)\}/g, (_, name: string) => {
    named.add(name);
    return segmentOf(name, Object.hasOwn(payload, name) ? payload[name] : undefined);
  });
  if (hasBody(operation)) return path;
  const query = Object.entries(payload).filter(([name]) => !named.has(name));
  const text = new URLSearchParams(
    query.map(([name, value]): [string, string] => [name, textOf(name, value)]),
  ).toString();
  return text === "" ? path : `${path}?${text}`;
}

export function hasBody({ method }: Operation): boolean {
  return method !== "GET" && method !== "DELETE";
}

/** `.` and `..` survive percent-encoding and would lead elsewhere. */
function segmentOf(name: string, value: JsonValue | undefined): string {
  const text = textOf(name, value);
  if (text === "" || text === "." || text === "..") throw unfit(name);
  return encodeURIComponent(text);
}

function textOf(name: string, value: JsonValue | undefined): string {
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") throw unfit(name);
  return String(value);
}

function unfit(name: string): VivifiedError {
  const pointer = `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
  const violations = [{ pointer, message: "must be a text, number or boolean that can stand in a path" }];
  return new VivifiedError("invalid", { extra: { violations } });
}
