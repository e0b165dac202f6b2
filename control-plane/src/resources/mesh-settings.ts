import { type NetworkAddress, parseNetworkAddress, processSpiffeId, type SpiffeId } from "@vivified/contracts";

/** What every node's resources depend on, besides the node and the snapshot. */
export type MeshSettings = {
  readonly gatewayId: SpiffeId;
  /** One or more; any gateway takes any call. */
  readonly gatewayAddresses: readonly NetworkAddress[];
  readonly svidTtlSeconds: number;
};

/**
 * How long one connection is used: a quarter of a leaf's life. Leaves are renewed at half life ± 10 %, so a connection
 * opened with any leaf ends while that leaf is still good, and no peer ever sees an expired one.
 */
export function maxConnectionDuration(settings: MeshSettings): string {
  return `${Math.max(1, Math.floor(settings.svidTtlSeconds / 4))}s`;
}

type Configured = { readonly trustDomain: string; readonly gatewayAddress: string; readonly svidTtlSeconds: number };

/** Settings from configuration. @throws TypeError when `gatewayAddress` is not `host:port[,host:port…]` */
export function meshSettings({ trustDomain, gatewayAddress, svidTtlSeconds }: Configured): MeshSettings {
  return {
    gatewayId: processSpiffeId(trustDomain, "gateway"),
    gatewayAddresses: gatewayAddress.split(",").map(parseNetworkAddress),
    svidTtlSeconds,
  };
}
