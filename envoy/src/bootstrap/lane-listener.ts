import { type JsonObject, meshNames } from "@vivified/contracts";
import type { NodeSettings } from "./node-settings.ts";

const filters = "type.googleapis.com/envoy.extensions.filters";

/** Where a plugin finds its lanes. What it may do there comes by RDS; until that has come, nothing listens. */
export function laneListener({ lanePort, maxRequestsPerSecond, networkNamespace }: NodeSettings): JsonObject {
  const manager = connectionManager(maxRequestsPerSecond);
  const namespace = networkNamespace === undefined ? {} : { network_namespace_filepath: networkNamespace };
  return {
    name: meshNames.laneRoutes,
    address: { socket_address: { address: "127.0.0.1", port_value: lanePort, ...namespace } },
    traffic_direction: "OUTBOUND",
    enable_reuse_port: false, // two Envoys on one port are a mistake, to be refused
    per_connection_buffer_limit_bytes: 1_048_576,
    filter_chains: [{ filters: [{ name: "envoy.filters.network.http_connection_manager", typed_config: manager }] }],
  };
}

/**
 * A plugin is an outsider: no address counts as internal, so Envoy's own control headers from it mean nothing, and what
 * only platform parts say is taken away. A path has one spelling before anybody judges it.
 */
const connectionManager = (maxRequestsPerSecond: number): JsonObject => ({
  "@type": `${filters}.network.http_connection_manager.v3.HttpConnectionManager`,
  stat_prefix: "lanes",
  codec_type: "HTTP1",
  rds: {
    route_config_name: meshNames.laneRoutes,
    config_source: { ads: {}, resource_api_version: "V3", initial_fetch_timeout: "0s" },
  },
  http_filters: [
    { name: "envoy.filters.http.local_ratelimit", typed_config: rateLimit(maxRequestsPerSecond) },
    { name: "envoy.filters.http.header_mutation", typed_config: stripHeaders(["x-vivified-", "x-envoy-"]) },
    {
      name: "envoy.filters.http.router",
      typed_config: { "@type": `${filters}.http.router.v3.Router`, suppress_envoy_headers: true },
    },
  ],
  common_http_protocol_options: {
    idle_timeout: "300s",
    max_headers_count: 100,
    headers_with_underscores_action: "REJECT_REQUEST",
  },
  max_request_headers_kb: 32,
  request_headers_timeout: "10s",
  request_timeout: "60s",
  stream_idle_timeout: "120s",
  forward_client_cert_details: "SANITIZE",
  use_remote_address: true,
  skip_xff_append: true,
  internal_address_config: {},
  generate_request_id: false,
  normalize_path: true,
  merge_slashes: true,
  path_with_escaped_slashes_action: "REJECT_REQUEST",
});

/**
 * A plugin that floods is stopped beside itself, before it costs the gateway a handshake, a decision or a record: the
 * audit trail has a size, and whoever filled it would stop every lane.
 */
function rateLimit(maxRequestsPerSecond: number): JsonObject {
  const always = { default_value: { numerator: 100, denominator: "HUNDRED" } };
  return {
    "@type": `${filters}.http.local_ratelimit.v3.LocalRateLimit`,
    stat_prefix: "lanes",
    token_bucket: {
      max_tokens: maxRequestsPerSecond,
      tokens_per_fill: Math.ceil(maxRequestsPerSecond / 10),
      fill_interval: "0.1s",
    },
    filter_enabled: always,
    filter_enforced: always,
    response_headers_to_add: [{ header: { key: "retry-after", value: "1" } }],
  };
}

function stripHeaders(prefixes: readonly string[]): JsonObject {
  return {
    "@type": `${filters}.http.header_mutation.v3.HeaderMutation`,
    mutations: {
      request_mutations: prefixes.map((prefix) => ({ remove_on_match: { key_matcher: { prefix } } })),
    },
  };
}
