import type { PublishRequest } from "@vivified/contracts";
import type { PeerSvid } from "@vivified/runtime";

/** An event as it came over HTTP: who is at the other end of the connection, and what it publishes. */
export type IncomingEvent = {
  readonly peer: PeerSvid | undefined;
  readonly traceId: string;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly request: PublishRequest;
};
