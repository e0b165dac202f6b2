import { pluginSpiffeId, type SnapshotDocument, type SnapshotPlugin } from "@vivified/contracts";

/** A snapshot of plugins and their status. */
export function aDocument(
  plugins: { readonly [id: string]: SnapshotPlugin["status"] },
  trustDomain = "vivified.local",
): SnapshotDocument {
  return {
    version: 1,
    trust_domain: trustDomain,
    settings: {
      egress_enabled: true,
      max_staleness_ms: 60_000,
      egress_rate_limit: { requests: 100, window_ms: 60_000 },
    },
    plugins: Object.entries(plugins).map(([id, status]) => aPlugin(id, status, trustDomain)),
    grants: [],
    event_types: [],
  };
}

function aPlugin(id: string, status: SnapshotPlugin["status"], trustDomain: string): SnapshotPlugin {
  return {
    id,
    spiffe_id: pluginSpiffeId(trustDomain, id),
    status,
    version: "1.0.0",
    traits: [],
    operations: [],
    publishes: [],
    subscribes: [],
  };
}
