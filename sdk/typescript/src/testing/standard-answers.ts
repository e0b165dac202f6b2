import { randomUUID } from "node:crypto";
import type { Problem } from "@vivified/contracts";
import { isJsonObject, type JsonValue } from "../json.ts";
import type { GatewayKeys } from "./gateway-keys.ts";
import type { StandInAnswer, StandInRequest } from "./lane-stand-in.ts";

/** The platform on a good day: everything granted, storage kept in memory, nobody at the other end of a call. */
export function standardAnswers(keys: GatewayKeys): (request: StandInRequest) => StandInAnswer {
  const storage = new Map<string, JsonValue>();
  return (request) => {
    const { method, path, body } = request;
    if (path.startsWith("/storage/kv/")) return answerStorage(storage, request);
    switch (`${method} ${path}`) {
      case "GET /.well-known/jwks.json":
        return { status: 200, body: { keys: keys.publicKeys() } };
      case "POST /plugins/register":
        return { status: 200, body: { status: "active", plugin_id: idIn(body), grants: [], warnings: [] } };
      case "POST /plugins/heartbeat":
        return { status: 204 };
      case "POST /events/publish":
        return { status: 200, body: { event_id: randomUUID() } };
      case "POST /proxy":
        return { status: 200, body: { status_code: 200, headers: {}, body: {} } };
      default:
        return problem({ status: 404, code: "not_found", retryable: false });
    }
  };
}

/** A failure as the platform tells it. */
export function problem(fields: Partial<Problem> & Pick<Problem, "status" | "code" | "retryable">): StandInAnswer {
  const body = { type: `urn:vivified:error:${fields.code}`, title: fields.code, ...fields };
  return { status: fields.status, contentType: "application/problem+json", text: JSON.stringify(body) };
}

function answerStorage(storage: Map<string, JsonValue>, request: StandInRequest): StandInAnswer {
  const key = decodeURIComponent(request.path.slice("/storage/kv/".length));
  if (request.method === "PUT") return putValue(storage, key, request);
  if (request.method === "DELETE") {
    storage.delete(key);
    return { status: 204 };
  }
  const value = storage.get(key);
  if (value === undefined) return problem({ status: 404, code: "not_found", retryable: false });
  return { status: 200, body: { key, value, updated_at: new Date().toISOString() } };
}

function putValue(storage: Map<string, JsonValue>, key: string, { headers, body }: StandInRequest): StandInAnswer {
  if (headers["if-none-match"] === "*" && storage.has(key)) {
    return problem({ status: 409, code: "conflict", retryable: false });
  }
  const value = isJsonObject(body) ? (body.value ?? null) : null;
  storage.set(key, value);
  return { status: 200, body: { key, value, updated_at: new Date().toISOString() } };
}

function idIn(body: JsonValue | undefined): JsonValue {
  const manifest = isJsonObject(body) ? body.manifest : undefined;
  return isJsonObject(manifest) ? (manifest.id ?? "") : "";
}
