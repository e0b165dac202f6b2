import { Server, type ServiceDefinition, status } from "@grpc/grpc-js";
import type { PackageDefinition } from "@grpc/proto-loader";
import type { SvidSource } from "@vivified/runtime";
import type { Snapshot } from "../source/snapshot-source.ts";
import { AdsStream, type AdsStreamDeps, type DeltaCall } from "./ads-stream.ts";
import { type NodePeer, nodePeer, svidOfPeer } from "./authorize-node.ts";
import { SvidServerCredentials } from "./svid-server-credentials.ts";

export type AdsServerOptions = {
  readonly protos: PackageDefinition;
  readonly svid: SvidSource;
  readonly trustDomain: string;
  readonly svidTtlSeconds: number;
  readonly stream: AdsStreamDeps;
};

const maxStreamsPerIdentity = 64;

/** Delta ADS over mutual TLS for plugins' Envoys. */
export class AdsServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #options: AdsServerOptions;
  readonly #streams = new Map<AdsStream, NodePeer>();

  constructor(options: AdsServerOptions) {
    this.#options = options;
    this.#server = new Server(limits(options.svidTtlSeconds));
    this.#server.addService(adsService(options.protos), {
      DeltaAggregatedResources: (call: DeltaCall) => this.#accept(call),
    });
  }

  /** Resolves to the port. */
  listen(host: string, port: number): Promise<number> {
    const credentials = new SvidServerCredentials(this.#options.svid);
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(`${host}:${port}`, credentials, (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
  }

  follow(snapshot: Snapshot): void {
    for (const stream of this.#streams.keys()) stream.follow(snapshot);
  }

  /** Streams are cut, not waited for: they never end by themselves, and their Envoys keep what they have. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const stream of this.#streams.keys()) stream.close();
    this.#server.forceShutdown();
  }

  #accept(call: DeltaCall): void {
    const certificate = call.getAuthContext().sslPeerCertificate;
    const peer = nodePeer(certificate, this.#options.trustDomain);
    const refusal = this.#refusal(peer);
    if (peer === undefined) this.#recordStranger(svidOfPeer(certificate)?.id ?? "");
    if (peer === undefined || refusal !== undefined) {
      call.emit("error", refusal);
      return;
    }
    const stream = new AdsStream(call, peer, this.#options.stream);
    this.#streams.set(stream, peer);
    const leave = () => {
      stream.close();
      this.#streams.delete(stream);
    };
    call.on("data", (message) => stream.receive(message));
    call.on("end", () => {
      leave();
      call.end();
    });
    call.on("error", leave).on("close", leave).on("cancelled", leave);
  }

  /** Somebody of the platform that is no plugin's Envoy: nobody else comes through the handshake. */
  #recordStranger(spiffeId: string): void {
    this.#options.stream.record({ rule: "mesh.node_refused", nodeId: "" }, { spiffeId, pluginId: spiffeId });
  }

  #refusal(peer: NodePeer | undefined): { code: status; details: string } | undefined {
    if (peer === undefined) return { code: status.PERMISSION_DENIED, details: "not a plugin's Envoy" };
    const { stream } = this.#options;
    if (stream.snapshot() === undefined) return { code: status.UNAVAILABLE, details: "there is no configuration yet" };
    const open = [...this.#streams.values()].filter(({ spiffeId }) => spiffeId === peer.spiffeId).length;
    if (open < maxStreamsPerIdentity) return undefined;
    return { code: status.RESOURCE_EXHAUSTED, details: "too many streams of one identity" };
  }
}

function adsService(protos: PackageDefinition): ServiceDefinition {
  return protos["envoy.service.discovery.v3.AggregatedDiscoveryService"] as ServiceDefinition;
}

/** Connections end in time for their Envoy to come back with a renewed SVID. */
function limits(svidTtlSeconds: number) {
  return {
    "grpc.max_receive_message_length": 1_048_576,
    "grpc.max_concurrent_streams": 8,
    "grpc.keepalive_time_ms": 30_000,
    "grpc.keepalive_timeout_ms": 10_000,
    "grpc.max_connection_age_ms": svidTtlSeconds * 250,
    "grpc.max_connection_age_grace_ms": 500,
  };
}
