import type { JsonObject, JsonValue } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import { acceptPayload } from "../../pep/accept-payload.ts";

/** A call as it came in; the body is strict JSON already. */
export type IncomingCall = {
  readonly plugin: string;
  readonly operation: string;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly body: JsonValue | undefined;
  readonly traceId: string;
};

export type Call = {
  readonly plugin: string;
  readonly operation: string;
  readonly payload: JsonObject;
  readonly traceId: string;
  /** What the record says was called. */
  readonly name: string;
};

/** @throws VivifiedError `malformed` 400: the body is no JSON object, or names a key `*`. */
export function acceptCall({ plugin, operation, body, traceId }: IncomingCall): Call {
  const payload = acceptPayload(body);
  if (payload === undefined) throw new VivifiedError("malformed", { detail: "a call takes a JSON object" });
  return { plugin, operation, payload, traceId, name: nameOperation(plugin, operation) };
}

/** Names are the caller's text: only what looks like names is repeated in the log. */
export function nameOperation(plugin: string, operation: string): string {
  const named = /^[A-Za-z0-9_-]{1,64}$/;
  return named.test(plugin) && named.test(operation) ? `${plugin}.${operation}` : "unnameable";
}
