import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { loadSync, type PackageDefinition } from "@grpc/proto-loader";

const services = ["envoy/service/discovery/v3/ads.proto"];
const messages = [
  "envoy/config/cluster/v3/cluster.proto",
  "envoy/config/endpoint/v3/endpoint.proto",
  "envoy/config/listener/v3/listener.proto",
  "envoy/config/route/v3/route.proto",
  "envoy/extensions/filters/http/rbac/v3/rbac.proto",
  "envoy/extensions/filters/http/router/v3/router.proto",
  "envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto",
  "envoy/extensions/retry/host/previous_hosts/v3/previous_hosts.proto",
  "envoy/extensions/transport_sockets/tls/v3/tls.proto",
  "envoy/extensions/upstreams/http/v3/http_protocol_options.proto",
];

/** Loads the protos that `@grpc/grpc-js-xds` ships, as far as our resources use them. About 0.2 s, so once per process. */
export function loadEnvoyProtos(): PackageDefinition {
  const root = join(dirname(createRequire(import.meta.url).resolve("@grpc/grpc-js-xds/package.json")), "deps");
  return loadSync([...services, ...messages], {
    includeDirs: ["envoy-api", "googleapis", "protoc-gen-validate", "xds"].map((name) => join(root, name)),
    keepCase: true,
    oneofs: true,
    longs: String,
    enums: String,
    defaults: false,
  });
}
