import { meshNames, type NetworkAddress, type SnapshotDocument } from "@vivified/contracts";
import { type EnvoyObject, type TypeUrl, typeUrls } from "../resources/envoy-object.ts";
import { gatewayCluster } from "../resources/gateway-cluster.ts";
import { laneRoutes } from "../resources/lane-routes.ts";
import { meshListener } from "../resources/mesh-listener.ts";
import type { MeshSettings } from "../resources/mesh-settings.ts";

/** An Envoy, as its SVID and the instance it names tell. */
export type MeshNode = {
  readonly pluginId: string;
  readonly instance: string;
  /** Where it wants its mesh listener. */
  readonly mesh: NetworkAddress;
};

/** A node's resources: by type, then by name. */
export type NodeResources = ReadonlyMap<TypeUrl, ReadonlyMap<string, EnvoyObject>>;

/**
 * Everything one node gets to know: the gateway, its lanes, and, once its plugin is approved, a listener of its own.
 * Nothing in it depends on other plugins, so approving one changes the resources of that one.
 */
export function nodeResources(document: SnapshotDocument, node: MeshNode, settings: MeshSettings): NodeResources {
  const approved = isActive(document, node.pluginId);
  const listeners = approved ? [meshListener(node.mesh, settings)] : [];
  return new Map([
    [typeUrls.cluster, byName([gatewayCluster(settings)])],
    [typeUrls.listener, byName(listeners)],
    [typeUrls.routes, byName([laneRoutes(approved ? "all" : "register")])],
  ]);
}

export function isActive(document: SnapshotDocument, pluginId: string): boolean {
  return document.plugins.some((plugin) => plugin.id === pluginId && plugin.status === "active");
}

function byName(resources: readonly EnvoyObject[]): ReadonlyMap<string, EnvoyObject> {
  return new Map(resources.map((resource) => [String(resource.name), resource]));
}

/** Clusters that exist on every node without being served. */
export const staticClusters: readonly string[] = [meshNames.localCluster];
