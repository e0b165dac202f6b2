import type { JsonObject } from "../json.ts";
import type { Manifest, Operation } from "./manifest.ts";

/** What a request of the gateway is for. */
export type Route =
  | { readonly kind: "operation"; readonly operation: Operation; readonly parameters: JsonObject }
  | { readonly kind: "event" };

/** Finds what a request is for, by the paths and methods that the manifest declares. */
export function findRoute(manifest: Manifest, method: string, path: string): Route | undefined {
  if (method === "POST" && path === manifest.eventsPath) return { kind: "event" };
  for (const operation of manifest.operations) {
    const parameters = operation.method === method ? matchPath(operation.path, path) : undefined;
    if (parameters) return { kind: "operation", operation, parameters };
  }
  return undefined;
}

/** The values of a template's `{param}`s in a path, percent-decoded; undefined when it does not match. */
export function matchPath(template: string, path: string): JsonObject | undefined {
  const wanted = template.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return undefined;
  const parameters: [string, string][] = [];
  for (const [index, segment] of wanted.entries()) {
    const value = decode(given[index] ?? "");
    const name = /^\{(\w+)\}$/.exec(segment)?.[1];
    if (name && value) parameters.push([name, value]);
    else if (segment !== given[index]) return undefined;
  }
  return Object.fromEntries(parameters);
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
