import type { JsonValue } from "../json.ts";
import type { Manifest } from "./manifest.ts";
import type { Membership } from "./membership.ts";
import type { Metrics } from "./metrics.ts";

export type Page = { readonly contentType: string; readonly text: string };

export type OwnPagesDeps = {
  readonly manifest: Manifest;
  readonly metrics: Metrics;
  readonly membership: () => Membership;
  readonly startedAtMs: number;
};

/** What a plugin tells everybody who can reach it: how it is, and its figures. Nothing of anybody's data. */
export function ownPage(method: string | undefined, url: string | undefined, deps: OwnPagesDeps): Page | undefined {
  if (method !== "GET") return undefined;
  if (url === "/health") return json(health(deps));
  if (url === "/heartbeat") return json({ plugin_id: deps.manifest.id, ...deps.membership() });
  if (url === "/metrics")
    return { contentType: "text/plain; version=0.0.4; charset=utf-8", text: deps.metrics.render() };
  return undefined;
}

function health({ manifest, startedAtMs }: OwnPagesDeps): JsonValue {
  const uptime_s = Math.round((Date.now() - startedAtMs) / 1000);
  const memory_bytes = process.memoryUsage.rss();
  return { status: "healthy", plugin_id: manifest.id, version: manifest.version, uptime_s, memory_bytes };
}

function json(value: JsonValue): Page {
  return { contentType: "application/json", text: JSON.stringify(value) };
}
