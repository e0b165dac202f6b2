import {
  type Grant,
  type JsonObject,
  manifestOperations,
  processSpiffeId,
  type SnapshotDocument,
  type SnapshotPlugin,
  type SnapshotSettings,
} from "@vivified/contracts";
import { snapshotPolicy } from "../policy/index.ts";
import type { RegisteredPlugin } from "../registry/index.ts";
import type { Stores } from "../stores.ts";

export type ReadSnapshotDeps = {
  readonly stores: Pick<Stores, "plugins" | "eventTypes" | "revision" | "policies" | "subjects">;
  readonly trustDomain: string;
  readonly settings: SnapshotSettings;
  /** What data subjects' keys are wrapped to; without it nothing of payloads is kept. */
  readonly wrapKey?: JsonObject | undefined;
};

/** What core itself publishes. It is a principal of the lanes like any plugin, without operations. */
const corePublishes = ["UserCreated", "PasswordReset", "SecurityAlert"] as const;

/** The whole of what gateway and control plane need to know, with its number. Stores must share one point in time. */
export async function readSnapshot(
  deps: ReadSnapshotDeps,
): Promise<{ readonly revision: number; readonly document: SnapshotDocument }> {
  const { stores, trustDomain, settings } = deps;
  const revision = await stores.revision.current();
  const plugins = await stores.plugins.list();
  const event_types = await stores.eventTypes.list();
  const policy = await snapshotPolicy(stores.policies);
  const document: SnapshotDocument = {
    version: 1,
    trust_domain: trustDomain,
    settings: { ...settings, ...(await keptPayloads(deps)) },
    plugins: [coreItself(trustDomain), ...plugins.map(snapshotPlugin)],
    grants: [...coreGrants(), ...plugins.flatMap(grantsOf)],
    event_types,
    ...(policy && { policy }),
  };
  return { revision, document };
}

async function keptPayloads({ stores, wrapKey }: ReadSnapshotDeps): Promise<Pick<SnapshotSettings, "kept_payloads">> {
  const rules = await stores.subjects.rules();
  return wrapKey === undefined || rules.length === 0 ? {} : { kept_payloads: { wrap_key: wrapKey, rules } };
}

function coreItself(trustDomain: string): SnapshotPlugin {
  return {
    id: "core",
    spiffe_id: processSpiffeId(trustDomain, "core"),
    status: "active",
    version: "0.1.0",
    traits: ["handles_pii"],
    operations: [],
    publishes: corePublishes,
    subscribes: [],
  };
}

function coreGrants(): readonly Grant[] {
  return corePublishes.map((event_type) => ({
    id: `core-publishes-${event_type}`,
    plugin: "core",
    kind: "publish",
    event_type,
  }));
}

function grantsOf(plugin: RegisteredPlugin): readonly Grant[] {
  return plugin.grants.map((grant) => ({ ...grant, plugin: plugin.id }));
}

function snapshotPlugin(plugin: RegisteredPlugin): SnapshotPlugin {
  const { manifest } = plugin;
  return {
    id: plugin.id,
    spiffe_id: plugin.spiffeId,
    status: plugin.status,
    version: manifest.version,
    traits: manifest.traits,
    operations: manifestOperations(manifest),
    publishes: manifest.events?.publishes ?? [],
    subscribes: manifest.events?.subscribes ?? [],
    ...(manifest.events?.endpoint !== undefined && { events_path: manifest.events.endpoint }),
  };
}
