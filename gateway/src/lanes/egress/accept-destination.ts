import { isJsonObject, type JsonObject, type JsonValue, type ProxyRequest } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import { acceptPayload } from "../../pep/accept-payload.ts";
import type { EgressTarget } from "../../snapshot/grants.ts";
import { parseFormFields } from "./form-fields.ts";
import { acceptBody, type BodyForm } from "./http/outgoing-body.ts";
import { outgoingHeaders } from "./http/outgoing-headers.ts";
import { acceptMail } from "./mail/accept-mail.ts";
import { type DestinationUrl, parseDestinationUrl } from "./parse-destination-url.ts";

/**
 * Where a request wants to go and what would leave with it. `payload` is all of what the plugin says: for the web
 * `{query?, headers?, body?}`, for mail the mail. Policy judges it, and what leaves is made from what policy left of it.
 */
export type Destination = {
  readonly target: EgressTarget;
  readonly payload: JsonObject;
  /** How the body is written on the wire. */
  readonly form: BodyForm;
};

/** The method is not one of this lane's; the target is told for the record. */
export type UnsupportedMethod = { readonly unsupported: true; readonly target: EgressTarget };

const webMethods = new Set(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]);
const noBody: BodyForm = { kind: "json", mediaType: "application/json" };

/**
 * Parses and checks what a plugin asks for.
 *
 * @throws VivifiedError `malformed` 400, `unsupported_media_type` 415, `invalid` 422 (a mail that breaks its schema)
 */
export function acceptDestination(request: ProxyRequest): Destination | UnsupportedMethod {
  const url = parseDestinationUrl(request.url);
  const isMail = url.scheme === "smtp" || url.scheme === "smtps";
  const { scheme, host, port, path } = url;
  const target = { scheme, host, port, path, method: request.method };
  if (isMail ? request.method !== "SEND" : !webMethods.has(request.method)) return { unsupported: true, target };
  if (isMail) return { target, payload: acceptMail(request.body as JsonValue | undefined), form: noBody };
  const { payload, form } = acceptWebRequest(url, request);
  if (acceptPayload(payload) === undefined) throw new VivifiedError("malformed", { detail: "a name may not be *" });
  return { target, payload, form };
}

function acceptWebRequest(url: DestinationUrl, request: ProxyRequest): Pick<Destination, "payload" | "form"> {
  const body = request.body as JsonValue | undefined;
  if (body !== undefined && ["GET", "HEAD"].includes(request.method)) {
    throw new VivifiedError("malformed", { detail: `${request.method} takes no body` });
  }
  const given = request.headers ?? {};
  const accepted = body === undefined ? undefined : acceptBody(body, contentTypeOf(given));
  const headers = outgoingHeaders(given);
  const query = parseFormFields(url.query);
  const payload = {
    ...(isEmpty(query) ? {} : { query }),
    ...(isEmpty(headers) ? {} : { headers }),
    ...(accepted === undefined ? {} : { body: accepted.value }),
  };
  return { payload, form: accepted ?? noBody };
}

function contentTypeOf(headers: Readonly<Record<string, string>>): string | undefined {
  return Object.entries(headers).find(([name]) => name.toLowerCase() === "content-type")?.[1];
}

function isEmpty(value: JsonValue): boolean {
  return isJsonObject(value) && Object.keys(value).length === 0;
}
