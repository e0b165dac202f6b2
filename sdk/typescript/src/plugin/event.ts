import type { IncomingHttpHeaders } from "node:http";
import type { JsonObject } from "../json.ts";

/** A canonical event as this plugin may see it. */
export type PlatformEvent = {
  readonly id: string;
  readonly type: string;
  /** SPIFFE ID of who published it, in the gateway's own word. */
  readonly source: string;
  /** When it was published, RFC 3339. */
  readonly time: string;
  readonly traceId: string;
  /** What its data carries: `pii`, `phi` … */
  readonly traits: readonly string[];
  /** The payload, sanitized for this plugin. */
  readonly data: JsonObject;
};

/** Attributes of a CloudEvent in binary mode (HTTP binding §3.1); undefined when a required one is absent. */
export function readEvent(headers: IncomingHttpHeaders, data: JsonObject): PlatformEvent | undefined {
  const attribute = (name: string) => decode(headers[`ce-${name}`]);
  const id = attribute("id");
  const type = attribute("type");
  const source = attribute("source");
  if (attribute("specversion") !== "1.0" || !id || !type || !source) return undefined;
  const traits = attribute("datacategory")
    ?.split(",")
    .map((trait) => trait.trim());
  return {
    id,
    type,
    source,
    time: attribute("time") ?? "",
    traceId: attribute("traceid") ?? "",
    traits: traits?.filter((trait) => trait !== "") ?? [],
    data,
  };
}

/** Header values are percent-encoded (HTTP binding §3.1.3.2); one that cannot be decoded counts as absent. */
function decode(header: string | string[] | undefined): string | undefined {
  if (typeof header !== "string") return undefined;
  try {
    return decodeURIComponent(header);
  } catch {
    return undefined;
  }
}
