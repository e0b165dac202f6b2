import { createHash } from "node:crypto";
import type { JsonObject, JsonValue } from "@vivified/contracts";
import { parseStrictJson } from "@vivified/runtime";
import type { ReplyBytes } from "./read-reply.ts";

/** Text is cut here, counted in characters (UTF-16 code units, never inside a pair). */
export const maxTextCharacters = 10_000;

const returned = ["content-type", "content-length", "cache-control", "etag", "last-modified"] as const;
const utf8 = new TextDecoder("utf-8", { fatal: true });

type ReplyHeaders = { readonly [name: string]: string | readonly string[] | undefined };

/**
 * What a web reply says, as policy judges it: the headers that may come back, and the body. JSON is parsed, also where it
 * calls itself text; text is cut; the rest, and JSON with two readings, is withheld and only its size and digest told.
 */
export function replyPayload(status: number, headers: ReplyHeaders, body: ReplyBytes): JsonObject {
  return { headers: returnedHeaders(status, headers), body: bodyOf(first(headers["content-type"]) ?? "", body) };
}

/** A redirect is returned, not followed, so its target comes back too: following it is a new request with its own grant. */
function returnedHeaders(status: number, headers: ReplyHeaders): JsonObject {
  const names = status >= 300 && status < 400 ? [...returned, "location"] : returned;
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = first(headers[name]);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function bodyOf(contentType: string, { bytes, decoded }: ReplyBytes): JsonValue {
  if (bytes.length === 0) return null;
  const kind = decoded ? kindOf(contentType) : "binary";
  const text = kind === "binary" ? undefined : decodeText(bytes);
  if (text === undefined) return withheld("binary", bytes);
  if (kind === "json" || /^\s*[[{]/.test(text)) {
    const value = parsed(text);
    if (value !== undefined) return value;
    if (kind === "json") return withheld("not_strict_json", bytes);
  }
  return cut(text);
}

function kindOf(contentType: string): "json" | "text" | "binary" {
  const [, type = "", charset] = /^\s*([^;\s]+)\s*(?:;.*?charset="?([a-z0-9-]+))?/i.exec(contentType) ?? [];
  const lower = type.toLowerCase();
  if (charset !== undefined && !["utf-8", "utf8", "us-ascii"].includes(charset.toLowerCase())) return "binary";
  if (lower === "application/json" || lower.endsWith("+json")) return "json";
  const isText = lower.startsWith("text/") || lower.endsWith("+xml") || textTypes.has(lower);
  return isText ? "text" : "binary";
}

const textTypes = new Set([
  "application/xml",
  "application/x-www-form-urlencoded",
  "application/javascript",
  "application/x-ndjson",
]);

function withheld(reason: "binary" | "not_strict_json", bytes: Buffer): JsonObject {
  return { withheld: reason, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

function parsed(text: string): JsonValue | undefined {
  try {
    return parseStrictJson(text, { maxBytes: Number.MAX_SAFE_INTEGER, maxDepth: 64 });
  } catch {
    return undefined;
  }
}

function decodeText(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

function cut(text: string): string {
  if (text.length <= maxTextCharacters) return text;
  const end = /[\uD800-\uDBFF]/.test(text.charAt(maxTextCharacters - 1)) ? maxTextCharacters - 1 : maxTextCharacters;
  return text.slice(0, end);
}

function first(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "string" ? value : value?.[0];
}
