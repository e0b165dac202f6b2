import ipaddr from "ipaddr.js";

/**
 * Whether an address, in its canonical spelling, lies in one of the ranges (CIDR). IPv4 inside IPv6 is never looked
 * through, and a range that is not one covers nothing.
 */
export function addressInRanges(address: string, ranges: readonly string[]): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  return ranges.some((range) => {
    if (!ipaddr.isValidCIDR(range)) return false;
    const [network, bits] = ipaddr.parseCIDR(range);
    return network.kind() === parsed.kind() && parsed.match(network, bits);
  });
}
