import { type JsonObject, type SpiffeId, sdsFiles } from "@vivified/contracts";
import type { EnvoyObject } from "./envoy-object.ts";

const tlsExtensions = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3";

/** TLS of a listener: the client must show an SVID, and its only admissible name is `client`. No session is resumed. */
export function downstreamTls(client: SpiffeId): JsonObject {
  return transportSocket({
    "@type": `${tlsExtensions}.DownstreamTlsContext`,
    common_tls_context: commonTls(client),
    require_client_certificate: true,
    disable_stateless_session_resumption: true,
    disable_stateful_session_resumption: true,
  });
}

/** TLS of a cluster: the server's only admissible name is `server`. No session is resumed. */
export function upstreamTls(server: SpiffeId): JsonObject {
  return transportSocket({
    "@type": `${tlsExtensions}.UpstreamTlsContext`,
    common_tls_context: commonTls(server),
    max_session_keys: 0,
  });
}

/**
 * TLS 1.3 alone (Envoy's clients stop at 1.2 by default), the node's own SVID, and a peer that both chains to the bundle
 * and has exactly this URI SAN: a name alone can be forged, a chain alone is any node of the mesh.
 */
function commonTls(peer: SpiffeId): JsonObject {
  return {
    tls_params: { tls_minimum_protocol_version: "TLSv1_3", tls_maximum_protocol_version: "TLSv1_3" },
    alpn_protocols: ["http/1.1"],
    tls_certificate_sds_secret_configs: [fileSecret(sdsFiles.svid)],
    combined_validation_context: {
      default_validation_context: {
        match_typed_subject_alt_names: [{ san_type: "URI", matcher: { exact: peer } }],
      },
      validation_context_sds_secret_config: fileSecret(sdsFiles.bundle),
    },
  };
}

/** Keys never travel: the node's agent writes them where its Envoy looks. */
function fileSecret(file: { name: string; path: string }): JsonObject {
  return { name: file.name, sds_config: { path_config_source: { path: file.path }, resource_api_version: "V3" } };
}

function transportSocket(context: EnvoyObject): JsonObject {
  return { name: "envoy.transport_sockets.tls", typed_config: context };
}
