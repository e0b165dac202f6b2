/** Where something listens; an IPv6 host has no brackets here. */
export type NetworkAddress = { readonly host: string; readonly port: number };

/** `host:port`, an IPv6 host in brackets. @throws TypeError for anything else */
export function parseNetworkAddress(text: string): NetworkAddress {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):([0-9]{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port) > 65_535) throw new TypeError(`not an address: ${text}`);
  return { host, port: Number(port) };
}
