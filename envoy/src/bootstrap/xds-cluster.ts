import { isIP } from "node:net";
import { type JsonObject, processSpiffeId, sdsFiles } from "@vivified/contracts";
import type { NodeSettings } from "./node-settings.ts";

export const xdsClusterName = "xds";

/** The control plane: HTTP/2 over mutual TLS 1.3, and no other identity than its own will do. */
export function xdsCluster({ xds, trustDomain }: NodeSettings): JsonObject {
  const endpoint = { address: { socket_address: { address: xds.host, port_value: xds.port } } };
  return {
    name: xdsClusterName,
    type: isIP(xds.host) === 0 ? "STRICT_DNS" : "STATIC",
    connect_timeout: "2s",
    load_assignment: { cluster_name: xdsClusterName, endpoints: [{ lb_endpoints: [{ endpoint }] }] },
    transport_socket: { name: "envoy.transport_sockets.tls", typed_config: tls(trustDomain) },
    typed_extension_protocol_options: { "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": http },
  };
}

/** A dead connection is noticed in seconds, not when TCP gives up. */
const http: JsonObject = {
  "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
  explicit_http_config: {
    http2_protocol_options: { connection_keepalive: { interval: "10s", timeout: "5s" } },
  },
};

/** The key comes by file, since nothing else can authenticate the way to where keys might come from. */
function tls(trustDomain: string): JsonObject {
  const controlPlane = processSpiffeId(trustDomain, "control-plane");
  return {
    "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
    max_session_keys: 0,
    common_tls_context: {
      tls_params: { tls_minimum_protocol_version: "TLSv1_3", tls_maximum_protocol_version: "TLSv1_3" },
      alpn_protocols: ["h2"],
      tls_certificate_sds_secret_configs: [fileSecret(sdsFiles.svid)],
      combined_validation_context: {
        default_validation_context: {
          match_typed_subject_alt_names: [{ san_type: "URI", matcher: { exact: controlPlane } }],
        },
        validation_context_sds_secret_config: fileSecret(sdsFiles.bundle),
      },
    },
  };
}

function fileSecret({ name, path }: { readonly name: string; readonly path: string }): JsonObject {
  return { name, sds_config: { path_config_source: { path }, resource_api_version: "V3" } };
}
