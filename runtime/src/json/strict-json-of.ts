import type { JsonValue } from "@vivified/contracts";
import { defaultJsonLimits, type JsonLimits, parseStrictJson } from "./parse-strict-json.ts";

/** What {@link parseStrictJson} makes of a text; nothing of one that it refuses, for whom the reason makes no difference. */
export function strictJsonOf(text: string, limits: JsonLimits = defaultJsonLimits): JsonValue | undefined {
  try {
    return parseStrictJson(text, limits);
  } catch {
    return undefined;
  }
}
