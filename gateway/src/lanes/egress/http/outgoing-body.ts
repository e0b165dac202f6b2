import { isJsonObject, type JsonValue } from "@vivified/contracts";
import { parseStrictJson, VivifiedError } from "@vivified/runtime";
import { formatFormFields, parseFormFields } from "../form-fields.ts";

/** How a body is written on the wire. `mediaType` has no parameters. */
export type BodyForm = { readonly kind: "json" | "form" | "text"; readonly mediaType: string };
export type OutgoingBody = BodyForm & { readonly value: JsonValue };

/**
 * Reads a body for what it is, so that policy judges its fields: text that is declared as JSON or as a form is taken
 * apart like any other. A type whose content cannot be judged does not leave.
 *
 * @throws VivifiedError `unsupported_media_type` 415, and those of `parseStrictJson`
 */
export function acceptBody(body: JsonValue, contentType: string | undefined): OutgoingBody {
  const form = formOf(contentType ?? (typeof body === "string" ? "text/plain" : "application/json"));
  return { ...form, value: bodyValue(body, form) };
}

/** A judged body as bytes, with the content type that says so. */
export function formatBody(form: BodyForm, value: JsonValue): { readonly bytes: Buffer; readonly contentType: string } {
  const text = textOf(form, value);
  return {
    bytes: Buffer.from(text),
    contentType: form.kind === "text" ? `${form.mediaType}; charset=utf-8` : form.mediaType,
  };
}

function formOf(contentType: string): BodyForm {
  const [, mediaType, charset] =
    /^([a-z0-9.+-]+\/[a-z0-9.+-]+)(?:\s*;\s*charset="?([a-z0-9-]+)"?)?$/i.exec(contentType) ?? [];
  const type = mediaType?.toLowerCase() ?? "";
  if (!["utf-8", "us-ascii"].includes(charset?.toLowerCase() ?? "utf-8"))
    throw new VivifiedError("unsupported_media_type");
  if (type === "application/json" || type.endsWith("+json")) return { kind: "json", mediaType: type };
  if (type === "application/x-www-form-urlencoded") return { kind: "form", mediaType: type };
  if (type.startsWith("text/") || type === "application/xml" || type.endsWith("+xml"))
    return { kind: "text", mediaType: type };
  throw new VivifiedError("unsupported_media_type");
}

function bodyValue(body: JsonValue, form: BodyForm): JsonValue {
  if (form.kind === "json") return typeof body === "string" ? parseStrictJson(body) : body;
  if (form.kind === "form" && typeof body === "string") return parseFormFields(body);
  if (form.kind === "form" && isJsonObject(body)) return body;
  if (form.kind === "text" && typeof body === "string") return body;
  throw new VivifiedError("unsupported_media_type", { detail: "the body does not fit its content type" });
}

function textOf(form: BodyForm, value: JsonValue): string {
  if (form.kind === "json") return JSON.stringify(value);
  if (form.kind === "form" && isJsonObject(value)) return formatFormFields(value);
  return typeof value === "string" ? value : JSON.stringify(value);
}
