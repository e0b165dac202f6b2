import type { NetworkAddress } from "@vivified/contracts";

/** One Envoy beside one instance of a plugin. */
export type NodeSettings = {
  readonly pluginId: string;
  readonly instance: string;
  readonly trustDomain: string;
  /** Where the control plane serves ADS. */
  readonly xds: NetworkAddress;
  /** Where the plugin finds its lanes: loopback, in its namespace when it has one. */
  readonly lanePort: number;
  /** Where the plugin listens, likewise. */
  readonly pluginPort: number;
  /** Where the gateway reaches this Envoy. */
  readonly mesh: NetworkAddress;
  /** More requests than these a second get 429 here and reach nobody; a second's worth may come at once. */
  readonly maxRequestsPerSecond: number;
  /** Path of the plugin's network namespace. Absent: the plugin shares ours, which is no boundary. */
  readonly networkNamespace?: string;
};
