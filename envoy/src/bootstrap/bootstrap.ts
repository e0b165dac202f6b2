import { envoyNodeId, type JsonObject } from "@vivified/contracts";
import { laneListener } from "./lane-listener.ts";
import { localCluster } from "./local-cluster.ts";
import type { NodeSettings } from "./node-settings.ts";
import { xdsCluster, xdsClusterName } from "./xds-cluster.ts";

/** Sockets and files in Envoy's working directory: short, whatever that directory is called (108 bytes is the limit). */
export const adminSocket = "admin.sock";

const maxDownstreamConnections = 1_024;

/**
 * What an Envoy starts with: the plugin's side, which needs fields that the control plane's protos lack, and the way to
 * the control plane, which says the rest.
 */
export function bootstrap(settings: NodeSettings): JsonObject {
  return {
    node: node(settings),
    admin: { address: { pipe: { path: adminSocket, mode: 0o600 } } },
    static_resources: {
      clusters: [xdsCluster(settings), localCluster(settings)],
      listeners: [laneListener(settings)],
    },
    dynamic_resources: dynamicResources,
    overload_manager: { resource_monitors: [connectionLimit] },
    stats_config: { stats_matcher: { inclusion_list: { patterns: keptStats.map((prefix) => ({ prefix })) } } },
  };
}

function node({ pluginId, instance, mesh }: NodeSettings): JsonObject {
  const metadata = { mesh_host: mesh.host, mesh_port: mesh.port };
  return { id: envoyNodeId(pluginId, instance), cluster: pluginId, metadata };
}

/** An Envoy that has never heard from the control plane serves nothing, for as long as it takes (`0s`). */
const overAds = { ads: {}, resource_api_version: "V3", initial_fetch_timeout: "0s" } as const;

const dynamicResources: JsonObject = {
  ads_config: {
    api_type: "DELTA_GRPC",
    transport_api_version: "V3",
    set_node_on_first_message_only: true,
    grpc_services: [
      {
        envoy_grpc: {
          cluster_name: xdsClusterName,
          retry_policy: { retry_back_off: { base_interval: "0.1s", max_interval: "2s" } },
        },
      },
    ],
  },
  cds_config: overAds,
  lds_config: overAds,
};

const connectionLimit: JsonObject = {
  name: "envoy.resource_monitors.global_downstream_max_connections",
  typed_config: {
    "@type":
      "type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
    max_active_downstream_connections: maxDownstreamConnections,
  },
};

/** What is worth keeping of Envoy's statistics. */
const keptStats = ["cluster_manager", "control_plane", "http.lanes", "http.mesh", "listener_manager", "server", "sds"];
