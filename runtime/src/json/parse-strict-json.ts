import type { JsonValue } from "@vivified/contracts";
import { VivifiedError } from "../errors/vivified-error.ts";
import { checkNumber } from "./check-number.ts";

export type JsonLimits = { readonly maxBytes: number; readonly maxDepth: number };
export const defaultJsonLimits: JsonLimits = { maxBytes: 1024 * 1024, maxDepth: 64 };

/** Keys that change an object's behaviour when careless code copies them. No payload needs them. */
const forbiddenKeys = new Set(["__proto__", "constructor", "prototype"]);
const loneSurrogate = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/**
 * Parses JSON (RFC 8259) and refuses everything that two parsers could read differently: duplicate keys, lone
 * surrogates, numbers that a double cannot hold exactly enough, prototype keys, depth and size beyond the limits.
 *
 * @throws VivifiedError `too_large` 413, `malformed`, `duplicate_key`, `number_out_of_range`, `too_deep` 400
 */
export function parseStrictJson(text: string, limits: JsonLimits = defaultJsonLimits): JsonValue {
  if (Buffer.byteLength(text) > limits.maxBytes) throw new VivifiedError("too_large");
  const value = parse(text);
  inspectText(text, limits.maxDepth);
  return value;
}

/** Without a cause: what `JSON.parse` says quotes the text, and causes are logged. */
function parse(text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch {
    throw new VivifiedError("malformed", { detail: "the body is not JSON" });
  }
}

/**
 * One pass over text that `JSON.parse` accepted, so the grammar is known to hold: every string inside an object that is
 * followed by a colon is a key, and a level is opened and closed in pairs.
 */
function inspectText(text: string, maxDepth: number): void {
  const levels: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) at = inspectString(text, at, levels.at(-1));
    else if (code === 0x7b || code === 0x5b) {
      levels.push(code === 0x7b ? new Set() : undefined);
      if (levels.length > maxDepth) throw new VivifiedError("too_deep", { detail: `more than ${maxDepth} levels` });
    } else if (code === 0x7d || code === 0x5d) levels.pop();
    else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) at = inspectNumber(text, at);
  }
}

function inspectString(text: string, start: number, keys: Set<string> | undefined): number {
  const end = endOfString(text, start);
  const raw = text.slice(start, end + 1);
  const value: string = raw.includes("\\") ? JSON.parse(raw) : raw.slice(1, -1);
  if (loneSurrogate.test(value)) throw new VivifiedError("malformed", { detail: "a string holds half a character" });
  if (keys !== undefined && followedByColon(text, end + 1)) addKey(keys, value);
  return end;
}

function addKey(keys: Set<string>, key: string): void {
  if (keys.has(key)) throw new VivifiedError("duplicate_key");
  if (forbiddenKeys.has(key)) throw new VivifiedError("malformed", { detail: "a key is not allowed" });
  keys.add(key);
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  for (; text.charCodeAt(at) !== 0x22; at += 1) if (text.charCodeAt(at) === 0x5c) at += 1;
  return at;
}

function followedByColon(text: string, from: number): boolean {
  let at = from;
  while (text.charCodeAt(at) <= 0x20) at += 1;
  return text.charCodeAt(at) === 0x3a;
}

function inspectNumber(text: string, start: number): number {
  const number = /[-+0-9.eE]*/y;
  number.lastIndex = start;
  const raw = number.exec(text)?.[0] ?? "";
  if (!checkNumber(raw)) throw new VivifiedError("number_out_of_range");
  return start + raw.length - 1;
}
