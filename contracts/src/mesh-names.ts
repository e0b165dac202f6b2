/** What the node agent (bootstrap) and the control plane (xDS) both call by name. */
export const meshNames = {
  /** Cluster by ADS: the gateway, mTLS. */
  gatewayCluster: "gateway",
  /** Cluster in the bootstrap: the plugin behind its Envoy. */
  localCluster: "local",
  /** Listener by ADS: admits the gateway and nobody else. */
  meshListener: "mesh",
  /** Route configuration by ADS, used by the plugin-facing listener in the bootstrap. */
  laneRoutes: "lanes",
} as const;

/** Secrets that the agent keeps as SDS files; paths are relative to Envoy's working directory. */
export const sdsFiles = {
  svid: { name: "svid", path: "sds/svid.json" },
  bundle: { name: "bundle", path: "sds/bundle.json" },
} as const;
