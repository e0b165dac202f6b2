import {
  parseSpiffeId,
  type SnapshotDocument,
  type SnapshotOperation,
  type SnapshotPlugin,
  type SpiffeId,
} from "@vivified/contracts";
import { indexGrants } from "./grants.ts";
import type { Operation, Plugin, Snapshot } from "./snapshot.ts";

/** What core published, as maps. @throws TypeError when it holds what cannot be a principal. */
export function compileSnapshot(document: SnapshotDocument, revision: number): Snapshot {
  const plugins = document.plugins.map(compilePlugin);
  const active = new Set(plugins.filter((plugin) => plugin.status === "active").map((plugin) => plugin.id));
  return {
    revision,
    trustDomain: document.trust_domain,
    settings: document.settings,
    ...(document.policy && { policy: document.policy }),
    plugins: new Map(plugins.map((plugin) => [plugin.id, plugin])),
    pluginsBySpiffeId: new Map(plugins.map((plugin) => [plugin.spiffeId, plugin])),
    grants: indexGrants(document.grants.filter((grant) => active.has(grant.plugin))),
    eventTypes: new Map(document.event_types.map((eventType) => [eventType.type, eventType])),
  };
}

function compilePlugin(plugin: SnapshotPlugin): Plugin {
  const { id, status, version, traits, events_path } = plugin;
  return {
    id,
    spiffeId: spiffeIdOf(plugin),
    status,
    version,
    traits,
    operations: new Map(plugin.operations.filter(isCallable).map((each) => [each.name, compileOperation(each)])),
    publishes: new Set(plugin.publishes),
    subscribes: new Set(plugin.subscribes),
    ...(events_path === undefined ? {} : { eventsPath: events_path }),
  };
}

/** A plugin's health is asked by the platform, never by its neighbours. */
function isCallable({ name }: SnapshotOperation): boolean {
  return name !== "health";
}

function compileOperation(operation: SnapshotOperation): Operation {
  const { requires_traits, timeout_ms, ...rest } = operation;
  return { ...rest, requiresTraits: requires_traits, timeoutMs: timeout_ms };
}

function spiffeIdOf({ id, spiffe_id }: SnapshotPlugin): SpiffeId {
  const parsed = parseSpiffeId(spiffe_id);
  if (parsed === undefined) throw new TypeError(`plugin ${id} has no SPIFFE ID`);
  return parsed.id;
}
