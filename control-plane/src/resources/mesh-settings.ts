import { processSpiffeId, type SpiffeId } from "@vivified/contracts";

/** What every node's resources depend on, besides the node and the snapshot. */
export type MeshSettings = {
  readonly gatewayId: SpiffeId;
  readonly gatewayAddress: Address;
  readonly svidTtlSeconds: number;
};

export type Address = { readonly host: string; readonly port: number };

/**
 * How long one connection is used: a quarter of a leaf's life. Leaves are renewed at half life ± 10 %, so a connection
 * opened with any leaf ends while that leaf is still good, and no peer ever sees an expired one.
 */
export function maxConnectionDuration(settings: MeshSettings): string {
  return `${Math.max(1, Math.floor(settings.svidTtlSeconds / 4))}s`;
}

type Configured = { readonly trustDomain: string; readonly gatewayAddress: string; readonly svidTtlSeconds: number };

/** Settings from configuration. @throws TypeError when `gatewayAddress` is not `host:port` */
export function meshSettings({ trustDomain, gatewayAddress, svidTtlSeconds }: Configured): MeshSettings {
  return {
    gatewayId: processSpiffeId(trustDomain, "gateway"),
    gatewayAddress: parseAddress(gatewayAddress),
    svidTtlSeconds,
  };
}

/** `host:port`, an IPv6 host in brackets. */
export function parseAddress(text: string): Address {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):([0-9]{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) throw new TypeError(`not an address: ${text}`);
  return { host, port: Number(port) };
}
