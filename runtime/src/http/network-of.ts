import { isIPv6 } from "node:net";

/**
 * Whose an address is, as far as addresses tell: an IPv4 address, also one mapped into IPv6 (RFC 4291 §2.5.5.2), or the
 * /64 of an IPv6 address, since whoever has one address of it has all (RFC 7421 §2).
 */
export function networkOf(address: string): string {
  const mapped = /^::ffff:([0-9.]+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const network = groupsOf(address.replace(/%.*$/, "")).slice(0, 4);
  return `${network.map((group) => Number.parseInt(group, 16).toString(16)).join(":")}::/64`;
}

/** All eight groups; what `::` stands for is as many zeros as are missing. */
function groupsOf(address: string): readonly string[] {
  const [head = "", tail] = address.replace(/:[0-9]+(\.[0-9]+){3}$/, ":0:0").split("::");
  const [left, right] = [head, tail ?? ""].map((part) => part.split(":").filter((group) => group !== ""));
  const missing = 8 - (left?.length ?? 0) - (right?.length ?? 0);
  return [...(left ?? []), ...Array<string>(missing).fill("0"), ...(right ?? [])];
}
