import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
export type Operation = { readonly name: string; readonly method: Method; readonly path: string };

/** What the plugin base needs of a manifest; `document` is what is sent at registration, word for word. */
export type Manifest = {
  readonly id: string;
  readonly version: string;
  readonly contracts: readonly string[];
  readonly operations: readonly Operation[];
  readonly subscribes: readonly string[];
  readonly eventsPath: string | undefined;
  readonly document: JsonObject;
};

const methods: readonly string[] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** Reads a manifest. What is not there or not readable is reported by `manifestFaults`, and by core in full. */
export function readManifest(document: JsonObject): Manifest {
  const events = isJsonObject(document.events) ? document.events : {};
  return {
    id: text(document.id) ?? "",
    version: text(document.version) ?? "",
    contracts: texts(document.contracts),
    operations: isJsonObject(document.endpoints) ? Object.entries(document.endpoints).flatMap(readOperation) : [],
    subscribes: texts(events.subscribes),
    eventsPath: text(events.endpoint),
    document,
  };
}

/** An endpoint is a path, or an object with one; `health` is never callable. */
function readOperation([name, endpoint]: [string, JsonValue]): Operation[] {
  if (name === "health") return [];
  const { path, method = "POST" } = isJsonObject(endpoint) ? endpoint : { path: endpoint };
  if (typeof path !== "string" || !path.startsWith("/") || !isMethod(method)) return [];
  return [{ name, method, path }];
}

function isMethod(value: JsonValue): value is Method {
  return typeof value === "string" && methods.includes(value);
}

function text(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function texts(value: JsonValue | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
