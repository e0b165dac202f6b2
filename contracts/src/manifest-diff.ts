import { canonicalJson } from "./canonical-json.ts";
import type { Manifest } from "./manifest.ts";
import { manifestOperations } from "./manifest-operations.ts";

/** What an upgrade asks for that the version before did not, and what it no longer asks for. */
export type ManifestDiff = { readonly added: readonly string[]; readonly removed: readonly string[] };

/**
 * Compares what two manifests ask of the platform: traits, events, destinations, operations, classification. An operation
 * that changed in any way counts as removed and added: its schemas say what may be seen of it.
 */
export function manifestDiff(before: Manifest, after: Manifest): ManifestDiff {
  const [old, now] = [asks(before), asks(after)];
  const name = (entry: string): string => entry.split("\n")[0] ?? entry;
  return {
    added: [...now].filter((entry) => !old.has(entry)).map(name),
    removed: [...old].filter((entry) => !now.has(entry)).map(name),
  };
}

function asks(manifest: Manifest): ReadonlySet<string> {
  const labelled = (label: string, values: readonly string[] = []): string[] =>
    values.map((value) => `${label} ${value}`);
  return new Set([
    ...labelled("trait", manifest.traits),
    ...labelled("publishes", manifest.events?.publishes),
    ...labelled("subscribes", manifest.events?.subscribes),
    ...labelled("domain", manifest.allowed_domains),
    ...labelled("classification", manifest.security.data_classification),
    ...labelled("events endpoint", manifest.events?.endpoint === undefined ? [] : [manifest.events.endpoint]),
    ...manifestOperations(manifest).map((operation) => `operation ${operation.name}\n${canonicalJson(operation)}`),
  ]);
}
