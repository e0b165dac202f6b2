import { isIPv6 } from "node:net";
import ipaddr from "ipaddr.js";
import { embeddedIpv4 } from "./embedded-ipv4.ts";
import { specialPurposeRanges } from "./special-purpose-ranges.ts";

/** What an address is: public, or unsafe and why. `address` is the canonical text of what was judged. */
export type AddressJudgement =
  | { readonly safe: true; readonly address: string }
  | { readonly safe: false; readonly address: string; readonly why: string };

type Cidr = [ipaddr.IPv4 | ipaddr.IPv6, number];

const ranges = specialPurposeRanges.map(({ cidr, name }) => ({ cidr: ipaddr.parseCIDR(cidr), name }));
const globalUnicast: Cidr = [ipaddr.IPv6.parse("2000::"), 3];
const nat64: Cidr = [ipaddr.IPv6.parse("64:ff9b::"), 96];

/**
 * Judges one address as it would be dialed. Safe means: globally reachable unicast, in no special-purpose range, and not
 * carrying an IPv4 address that is not safe itself. Two forms of IPv4 in IPv6 are judged by what they carry, since name
 * servers really answer with them: mapped, and the well-known NAT64 prefix. Anything that is not an address in its
 * ordinary spelling is unsafe.
 */
export function judgeAddress(text: string): AddressJudgement {
  const address = parseAddress(text);
  if (address === undefined) return { safe: false, address: text, why: "not an address" };
  if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress()) return verdict(address.toIPv4Address());
  return verdict(address);
}

function verdict(address: ipaddr.IPv4 | ipaddr.IPv6): AddressJudgement {
  const why = address instanceof ipaddr.IPv4 ? unsafeIpv4(address) : unsafeIpv6(address);
  return why === undefined
    ? { safe: true, address: address.toString() }
    : { safe: false, address: address.toString(), why };
}

function unsafeIpv4(address: ipaddr.IPv4): string | undefined {
  return listed(address) ?? (address.range() === "unicast" ? undefined : address.range());
}

function unsafeIpv6(address: ipaddr.IPv6): string | undefined {
  for (const { form, ipv4 } of embeddedIpv4(address)) {
    const why = unsafeIpv4(ipv4);
    if (why !== undefined) return `${form} ${ipv4}: ${why}`;
  }
  if (address.match(nat64)) return undefined;
  if (!address.match(globalUnicast)) return "not global unicast";
  return listed(address) ?? (address.range() === "unicast" ? undefined : address.range());
}

function listed(address: ipaddr.IPv4 | ipaddr.IPv6): string | undefined {
  return ranges.find(({ cidr }) => cidr[0].kind() === address.kind() && address.match(cidr))?.name;
}

/** Four decimal parts, or IPv6 without a zone; every other spelling is somebody being clever. */
function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  return isIPv6(text) && !text.includes("%") ? ipaddr.IPv6.parse(withoutDots(text)) : undefined;
}

/** ipaddr.js reads `::8.8.8.8` as the mapped address, which it is not: dotted tails become words first. */
function withoutDots(text: string): string {
  return text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (...parts) => {
    const [a, b, c, d] = parts.slice(1, 5).map(Number) as [number, number, number, number];
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
}
