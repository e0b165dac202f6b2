/**
 * Address ranges that no plugin is let into, as data. Sources, as of 2026-11:
 *
 * - IANA IPv4 Special-Purpose Address Registry, https://www.iana.org/assignments/iana-ipv4-special-registry
 * - IANA IPv6 Special-Purpose Address Registry, https://www.iana.org/assignments/iana-ipv6-special-registry
 * - IANA multicast: RFC 5771 (IPv4), RFC 4291 §2.7 (IPv6)
 * - ranges of clouds that are not in a registry, each with its own source
 *
 * Ranges that the registries call globally reachable (AS112, AMT, anycast) are listed too: they lead to infrastructure,
 * never to a service that a grant could mean. `64:ff9b::/96` is absent because it is judged by the IPv4 address inside.
 */
export type SpecialPurposeRange = { readonly cidr: string; readonly name: string; readonly source: string };

export const specialPurposeRanges: readonly SpecialPurposeRange[] = [
  { cidr: "0.0.0.0/8", name: "this network", source: "RFC 791 §3.2" },
  { cidr: "10.0.0.0/8", name: "private use", source: "RFC 1918" },
  { cidr: "100.64.0.0/10", name: "shared address space", source: "RFC 6598" },
  { cidr: "127.0.0.0/8", name: "loopback", source: "RFC 1122 §3.2.1.3" },
  { cidr: "168.63.129.16/32", name: "Azure platform channel", source: "Microsoft, What is IP address 168.63.129.16" },
  { cidr: "169.254.0.0/16", name: "link local", source: "RFC 3927" },
  { cidr: "172.16.0.0/12", name: "private use", source: "RFC 1918" },
  { cidr: "192.0.0.0/24", name: "IETF protocol assignments", source: "RFC 6890 §2.1" },
  { cidr: "192.0.2.0/24", name: "documentation", source: "RFC 5737" },
  { cidr: "192.31.196.0/24", name: "AS112", source: "RFC 7535" },
  { cidr: "192.52.193.0/24", name: "AMT", source: "RFC 7450" },
  { cidr: "192.88.99.0/24", name: "6to4 relay anycast, deprecated", source: "RFC 7526" },
  { cidr: "192.168.0.0/16", name: "private use", source: "RFC 1918" },
  { cidr: "192.175.48.0/24", name: "direct delegation AS112", source: "RFC 7534" },
  { cidr: "198.18.0.0/15", name: "benchmarking", source: "RFC 2544" },
  { cidr: "198.51.100.0/24", name: "documentation", source: "RFC 5737" },
  { cidr: "203.0.113.0/24", name: "documentation", source: "RFC 5737" },
  { cidr: "224.0.0.0/4", name: "multicast", source: "RFC 5771" },
  { cidr: "240.0.0.0/4", name: "reserved", source: "RFC 1112 §4" },
  { cidr: "255.255.255.255/32", name: "limited broadcast", source: "RFC 919 §7" },
  { cidr: "64:ff9b:1::/48", name: "local-use NAT64", source: "RFC 8215" },
  { cidr: "2001::/23", name: "IETF protocol assignments", source: "RFC 2928" },
  { cidr: "2001::/32", name: "Teredo", source: "RFC 4380" },
  { cidr: "2001:2::/48", name: "benchmarking", source: "RFC 5180" },
  { cidr: "2001:3::/32", name: "AMT", source: "RFC 7450" },
  { cidr: "2001:4:112::/48", name: "AS112", source: "RFC 7535" },
  { cidr: "2001:10::/28", name: "ORCHID, deprecated", source: "RFC 4843" },
  { cidr: "2001:20::/28", name: "ORCHIDv2", source: "RFC 7343" },
  { cidr: "2001:30::/28", name: "drone remote identification", source: "RFC 9374" },
  { cidr: "2001:db8::/32", name: "documentation", source: "RFC 3849" },
  { cidr: "2002::/16", name: "6to4", source: "RFC 3056" },
  { cidr: "2620:4f:8000::/48", name: "direct delegation AS112", source: "RFC 7534" },
  { cidr: "3fff::/20", name: "documentation", source: "RFC 9637" },
];
