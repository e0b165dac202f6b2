import { connect as tlsConnect } from "node:tls";
import type { SpiffeId } from "@vivified/contracts";
import { Agent, type buildConnector, type Dispatcher } from "undici";
import type { Svid, SvidSource } from "./svid.ts";
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
      clientTtl: connectionLifeMs(options.svid.current()),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispatcher.destroy();
  }
}

export function meshDispatcher(options: MeshDispatcherOptions): MeshDispatcher {
  return new MeshDispatcher(options);
}

/**
 * New connections pick up a renewed SVID, and a connection lives a quarter of a leaf's life: so it ends while the leaf that
 * opened it is still good, since the other side refuses a connection that outlived it (decision 0021).
 */
function connectionLifeMs({ expiresAt }: Svid): number {
  return Math.min(10 * 60_000, Math.max(250, (expiresAt.getTime() - Date.now()) / 4));
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
