import { describe, expect, it } from "vitest";
import { gatewayCluster } from "../../resources/gateway-cluster.ts";
import { laneRoutes } from "../../resources/lane-routes.ts";
import { meshListener } from "../../resources/mesh-listener.ts";
import { someSettings } from "../../resources/mesh-settings.fixtures.ts";
import { resourceEncoder } from "./encode-resource.ts";
import { loadEnvoyProtos } from "./envoy-protos.ts";
import { messageDefinition } from "./message-definition.ts";

const protos = loadEnvoyProtos();
const encode = resourceEncoder(protos);

const decode = (name: string, bytes: Buffer) => messageDefinition(protos, name).deserialize(bytes);

describe("resourceEncoder", () => {
  it("writes out durations, wrappers, maps and nested messages", () => {
    const { type_url, value } = encode(gatewayCluster(someSettings()));
    expect(type_url).toBe("type.googleapis.com/envoy.config.cluster.v3.Cluster");
    const cluster = decode("envoy.config.cluster.v3.Cluster", value);
    expect(cluster).toMatchObject({
      connect_timeout: { seconds: "2" },
      per_connection_buffer_limit_bytes: { value: 1_048_576 },
      circuit_breakers: { thresholds: [{ max_connections: { value: 256 } }] },
    });
    const options = cluster as { typed_extension_protocol_options: Record<string, { value: Buffer }> };
    const http = options.typed_extension_protocol_options["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"];
    expect(decode("envoy.extensions.upstreams.http.v3.HttpProtocolOptions", http?.value ?? Buffer.of())).toMatchObject({
      common_http_protocol_options: { max_connection_duration: { seconds: "900" }, idle_timeout: { seconds: "60" } },
    });
  });

  it("encodes every resource that we make, the same way each time", () => {
    for (const make of [() => meshListener({ host: "::1", port: 1 }, someSettings()), () => laneRoutes("all")]) {
      expect(encode(make())).toEqual(encode(make()));
    }
  });

  it.each([
    ["a field that does not exist", { trafic_direction: "INBOUND" }, /has no field trafic_direction/],
    ["a broken duration", { listener_filters_timeout: "soon" }, /not a duration/],
    ["a scalar where a message belongs", { address: "127.0.0.1" }, /must be an object/],
    ["an Any without a type", { metadata: { typed_filter_metadata: { a: {} } } }, /needs @type/],
  ])("refuses %s", (_, fields, message) => {
    const listener = { "@type": "type.googleapis.com/envoy.config.listener.v3.Listener", ...fields };
    expect(() => encode(listener)).toThrow(message);
  });

  it("refuses a message type it has no protos for", () => {
    expect(() => encode({ "@type": "type.googleapis.com/envoy.nothing.v3.Nothing" })).toThrow(/unknown message type/);
  });
});
