import type { Grant, SnapshotDocument, SnapshotPlugin } from "@vivified/contracts";
import type { Pdp } from "@vivified/pdp";
import { askPolicy } from "../../../gateway/src/pep/ask-policy.ts";
import { compileSnapshot } from "../../../gateway/src/snapshot/compile-snapshot.ts";

const trustDomain = "bench.local";
const payload = { email: "a@b.example", full_name: "A B", language: "en", topics: ["x"], user_id: "u-1" };

/** A platform of so many plugins, each of which may call every tenth one; gives how to ask about one call in it. */
export function platformOf(count: number, pdp: Pdp): () => Promise<unknown> {
  const snapshot = compileSnapshot(documentOf(count), 1);
  const [subject, target] = [snapshot.plugins.get("plugin-1"), snapshot.plugins.get("plugin-0")];
  const operation = target?.operations.get("operate");
  if (subject === undefined || target === undefined || operation === undefined) throw new Error("no such plugins");
  const deps = {
    policy: () => pdp,
    snapshot: () => snapshot,
  };
  const asked = {
    entrypoint: "rpc/invoke",
    traceId: "0".repeat(32),
    subject,
    resource: { target, operation },
    payload,
  };
  return () => askPolicy({ ...asked, entrypoint: "rpc/invoke" as const }, deps);
}

function documentOf(count: number): SnapshotDocument {
  const plugins = Array.from({ length: count }, (_, index) => pluginOf(`plugin-${index}`));
  return {
    version: 1,
    trust_domain: trustDomain,
    settings: { egress_enabled: true, max_staleness_ms: 1, egress_rate_limit: { requests: 1, window_ms: 1 } },
    plugins,
    grants: plugins.flatMap(({ id }, index) => grantsOf(id, index, count)),
    event_types: [],
  };
}

function grantsOf(plugin: string, index: number, count: number): Grant[] {
  const targets = Array.from({ length: Math.ceil(count / 10) }, (_, tenth) => `plugin-${tenth * 10}`);
  return targets.map((target) => ({ id: `g-${index}-${target}`, plugin, kind: "rpc", target, operation: "operate" }));
}

function pluginOf(id: string): SnapshotPlugin {
  const operate = { name: "operate", method: "POST", path: "/o", requires_traits: [], idempotent: false } as const;
  return {
    id,
    spiffe_id: `spiffe://${trustDomain}/plugin/${id}`,
    status: "active",
    version: "1.0.0",
    traits: ["notifications"],
    operations: [{ ...operate, timeout_ms: 1000 }],
    publishes: [],
    subscribes: [],
  };
}
