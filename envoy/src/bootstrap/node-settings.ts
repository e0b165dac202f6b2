export type Address = { readonly host: string; readonly port: number };

/** One Envoy beside one instance of a plugin. */
export type NodeSettings = {
  readonly pluginId: string;
  readonly instance: string;
  readonly trustDomain: string;
  /** Where the control plane serves ADS. */
  readonly xds: Address;
  /** Where the plugin finds its lanes: loopback, in its namespace when it has one. */
  readonly lanePort: number;
  /** Where the plugin listens, likewise. */
  readonly pluginPort: number;
  /** Where the gateway reaches this Envoy. */
  readonly mesh: Address;
  /** Path of the plugin's network namespace. Absent: the plugin shares ours, which is no boundary. */
  readonly networkNamespace?: string;
};

/** `host:port`, an IPv6 host in brackets. @throws TypeError for anything else */
export function parseAddress(text: string): Address {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):([0-9]{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) throw new TypeError(`not an address: ${text}`);
  return { host, port: Number(port) };
}
