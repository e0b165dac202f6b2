import { isIP } from "node:net";
import { type JsonObject, meshNames, type NetworkAddress } from "@vivified/contracts";
import { type EnvoyObject, typeUrls } from "./envoy-object.ts";
import { type MeshSettings, maxConnectionDuration } from "./mesh-settings.ts";
import { upstreamTls } from "./tls-context.ts";

/** The one upstream that a plugin's Envoy knows. Endpoints are part of it, so there is no EDS to wait for. */
export function gatewayCluster(settings: MeshSettings): EnvoyObject {
  const lb_endpoints = settings.gatewayAddresses.map(endpoint);
  return {
    "@type": typeUrls.cluster,
    name: meshNames.gatewayCluster,
    type: settings.gatewayAddresses.every(({ host }) => isIP(host) !== 0) ? "STATIC" : "STRICT_DNS",
    connect_timeout: "2s",
    per_connection_buffer_limit_bytes: 1_048_576,
    circuit_breakers: {
      thresholds: [{ max_connections: 256, max_pending_requests: 1024, max_requests: 1024, max_retries: 8 }],
    },
    load_assignment: { cluster_name: meshNames.gatewayCluster, endpoints: [{ lb_endpoints }] },
    transport_socket: upstreamTls(settings.gatewayId),
    typed_extension_protocol_options: { "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": http(settings) },
  };
}

function endpoint({ host, port }: NetworkAddress): JsonObject {
  return { endpoint: { address: { socket_address: { address: host, port_value: port } } } };
}

/** Idle connections end here before the gateway ends them (75 s), or a request could meet a closing one. */
function http(settings: MeshSettings): EnvoyObject {
  return {
    "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
    common_http_protocol_options: {
      idle_timeout: "60s",
      max_connection_duration: maxConnectionDuration(settings),
      max_headers_count: 100,
    },
    explicit_http_config: { http_protocol_options: {} },
  };
}
