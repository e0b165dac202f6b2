import type { ProxyRequest } from "@vivified/contracts";
import type { PeerSvid } from "@vivified/runtime";

/** A request as it came over HTTP: who is at the other end of the connection, and what it asks for. */
export type IncomingRequest = {
  readonly peer: PeerSvid | undefined;
  readonly traceId: string;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly request: ProxyRequest;
};
