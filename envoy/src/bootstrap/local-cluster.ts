import { type JsonObject, meshNames } from "@vivified/contracts";
import type { NodeSettings } from "./node-settings.ts";

/** The plugin behind this Envoy: plain HTTP over loopback, in the plugin's namespace when it has one. */
export function localCluster({ pluginPort, networkNamespace }: NodeSettings): JsonObject {
  return {
    name: meshNames.localCluster,
    type: "STATIC",
    connect_timeout: "2s",
    per_connection_buffer_limit_bytes: 1_048_576,
    circuit_breakers: {
      thresholds: [{ max_connections: 128, max_pending_requests: 512, max_requests: 512, max_retries: 8 }],
    },
    load_assignment: {
      cluster_name: meshNames.localCluster,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: loopback(pluginPort) } }] }],
    },
    typed_extension_protocol_options: { "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": http },
    ...(networkNamespace === undefined ? {} : bindIn(networkNamespace)),
  };
}

function loopback(port: number): JsonObject {
  return { socket_address: { address: "127.0.0.1", port_value: port } };
}

/** Sockets to the plugin are made in its namespace. */
function bindIn(path: string): JsonObject {
  const address = { address: "127.0.0.1", port_value: 0, network_namespace_filepath: path };
  return { upstream_bind_config: { source_address: address } };
}

/** Many HTTP servers end idle connections after five seconds; ending them first avoids meeting a closing one. */
const http: JsonObject = {
  "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
  common_http_protocol_options: { idle_timeout: "3s", max_headers_count: 100 },
  explicit_http_config: { http_protocol_options: {} },
};
