import type { JsonObject } from "./json.ts";
import type { Manifest } from "./manifest.ts";
import type { SnapshotOperation } from "./snapshot.ts";

export const defaultOperationTimeoutMs = 30_000;

/** The operations that a manifest declares, with every default filled in. `health` is never callable. */
export function manifestOperations(manifest: Manifest): readonly SnapshotOperation[] {
  return Object.entries(manifest.endpoints ?? {})
    .filter(([name]) => name !== "health")
    .map(([name, entry]) => operation(name, typeof entry === "string" ? { path: entry } : entry));
}

type Endpoint = Exclude<NonNullable<Manifest["endpoints"]>[string], string>;

function operation(name: string, endpoint: Endpoint): SnapshotOperation {
  return {
    name,
    method: endpoint.method ?? "POST",
    path: endpoint.path,
    requires_traits: endpoint.requires_traits ?? [],
    idempotent: endpoint.idempotent ?? false,
    timeout_ms: endpoint.timeout_ms ?? defaultOperationTimeoutMs,
    ...(endpoint.input && { input: endpoint.input as JsonObject }),
    ...(endpoint.output && { output: endpoint.output as JsonObject }),
  };
}
