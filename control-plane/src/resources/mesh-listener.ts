import { type JsonObject, meshNames, type NetworkAddress, type SpiffeId } from "@vivified/contracts";
import { type EnvoyObject, typeUrls } from "./envoy-object.ts";
import { type MeshSettings, maxConnectionDuration } from "./mesh-settings.ts";
import { downstreamTls } from "./tls-context.ts";

const filters = "type.googleapis.com/envoy.extensions.filters";

/**
 * Where the gateway reaches a plugin. Admits one identity, and says so twice: in the handshake, and per request (RBAC),
 * so that neither a slip in one nor a connection that lives on opens the plugin to another.
 */
export function meshListener(address: NetworkAddress, settings: MeshSettings): EnvoyObject {
  return {
    "@type": typeUrls.listener,
    name: meshNames.meshListener,
    address: { socket_address: { address: address.host, port_value: address.port } },
    traffic_direction: "INBOUND",
    enable_reuse_port: false, // two Envoys on one port are a mistake, to be refused
    per_connection_buffer_limit_bytes: 1_048_576,
    filter_chains: [
      {
        transport_socket: downstreamTls(settings.gatewayId),
        transport_socket_connect_timeout: "5s",
        filters: [{ name: "envoy.filters.network.http_connection_manager", typed_config: connectionManager(settings) }],
      },
    ],
  };
}

/**
 * NOTE: `drain_timeout` is longer than the gateway keeps an idle connection (30 s). When a connection reaches its maximum
 * age, the next answer on it says `connection: close`, and an unused one is closed by the gateway: never under a request.
 */
function connectionManager(settings: MeshSettings): EnvoyObject {
  return {
    "@type": `${filters}.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: "mesh",
    codec_type: "HTTP1",
    route_config: meshRoutes(),
    http_filters: [
      { name: "envoy.filters.http.rbac", typed_config: onlyFrom(settings.gatewayId) },
      {
        name: "envoy.filters.http.router",
        typed_config: { "@type": `${filters}.http.router.v3.Router`, suppress_envoy_headers: true },
      },
    ],
    common_http_protocol_options: {
      idle_timeout: "120s",
      max_connection_duration: maxConnectionDuration(settings),
      max_headers_count: 100,
      headers_with_underscores_action: "REJECT_REQUEST",
    },
    drain_timeout: "45s",
    ...limits,
    ...hygiene,
  };
}

const limits = {
  max_request_headers_kb: 32,
  request_headers_timeout: "10s",
  request_timeout: "60s",
  stream_idle_timeout: "120s",
} as const;

/** Nobody is trusted to speak Envoy's control headers, XFCC says nothing here, and a path has one spelling. */
const hygiene = {
  forward_client_cert_details: "SANITIZE",
  use_remote_address: true,
  skip_xff_append: true,
  internal_address_config: {},
  generate_request_id: false,
  normalize_path: true,
  merge_slashes: true,
  path_with_escaped_slashes_action: "REJECT_REQUEST",
} as const;

function onlyFrom(client: SpiffeId): EnvoyObject {
  const principals = [{ authenticated: { principal_name: { exact: client } } }];
  return {
    "@type": `${filters}.http.rbac.v3.RBAC`,
    rules: { action: "ALLOW", policies: { gateway: { permissions: [{ any: true }], principals } } },
  };
}

/** Everything goes to the plugin. The gateway keeps its own, shorter time-outs; what it may call is its business. */
function meshRoutes(): JsonObject {
  const route = {
    cluster: meshNames.localCluster,
    timeout: "120s",
    retry_policy: { retry_on: "connect-failure,reset-before-request", num_retries: 2 },
  };
  return {
    name: meshNames.meshListener,
    virtual_hosts: [{ name: "plugin", domains: ["*"], routes: [{ match: { prefix: "/" }, route }] }],
  };
}
