import { connect as tlsConnect } from "node:tls";
import type { SpiffeId } from "@vivified/contracts";
import { Agent, type buildConnector, type Dispatcher } from "undici";
import type { SvidSource } from "./svid.ts";
import { tlsIdentity } from "./tls-identity.ts";

export type MeshDispatcherOptions = {
  readonly svid: SvidSource;
  /** The only identity that may answer. */
  readonly expect: SpiffeId;
  readonly connections?: number;
};

/** An HTTP client of one mesh identity: mutual TLS with the own current SVID, the peer checked to be `expect`. */
export class MeshDispatcher implements AsyncDisposable {
  readonly dispatcher: Dispatcher;

  constructor(options: MeshDispatcherOptions) {
    this.dispatcher = new Agent({
      connect: connectorOf(options),
      connections: options.connections ?? 64,
      pipelining: 1,
      keepAliveTimeout: 30_000,
      // A renewed SVID is picked up by new connections; this bounds how long an old one is used.
      clientTtl: 10 * 60_000,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispatcher.destroy();
  }
}

export function meshDispatcher(options: MeshDispatcherOptions): MeshDispatcher {
  return new MeshDispatcher(options);
}

/** Every connection asks for the current SVID, so renewals need no new dispatcher. */
function connectorOf({ svid, expect }: MeshDispatcherOptions): buildConnector.connector {
  return (target, callback) => {
    const own = svid.current();
    const socket = tlsConnect({
      ...tlsIdentity({ bundlePem: own.bundlePem, expect, own }),
      host: target.hostname,
      port: Number(target.port || 443),
      ALPNProtocols: ["http/1.1"],
    });
    socket.setNoDelay(true).setTimeout(10_000, () => socket.destroy(new Error("connecting took too long")));
    socket.once("secureConnect", () => {
      socket.setTimeout(0).off("error", fail);
      callback(null, socket);
    });
    const fail = (error: Error) => callback(error, null);
    socket.once("error", fail);
  };
}
