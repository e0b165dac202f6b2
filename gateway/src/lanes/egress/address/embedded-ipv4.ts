import ipaddr from "ipaddr.js";

/** An IPv4 address that an IPv6 address carries, and how. */
export type EmbeddedIpv4 = {
  readonly form: "mapped" | "compatible" | "translated" | "nat64" | "6to4" | "teredo" | "isatap";
  readonly ipv4: ipaddr.IPv4;
};

/**
 * Every IPv4 address that an IPv6 address carries, by any of the forms that a host, tunnel or translator might follow:
 * mapped and compatible (RFC 4291 §2.5.5), translated (RFC 2765), NAT64 (RFC 6052, RFC 8215), 6to4 (RFC 3056), Teredo
 * (RFC 4380: the server as written, the client inverted) and ISATAP (RFC 5214). An address may carry several.
 */
export function embeddedIpv4(address: ipaddr.IPv6): readonly EmbeddedIpv4[] {
  const bytes = address.toByteArray();
  const found: EmbeddedIpv4[] = [];
  const add = (form: EmbeddedIpv4["form"], at: number, mask = 0) => found.push({ form, ipv4: ipv4At(bytes, at, mask) });
  if (within(bytes, "00000000000000000000ffff")) add("mapped", 12);
  if (within(bytes, "000000000000000000000000")) add("compatible", 12);
  if (within(bytes, "0000000000000000ffff0000")) add("translated", 12);
  if (within(bytes, "0064ff9b0000000000000000") || within(bytes, "0064ff9b0001")) add("nat64", 12);
  if (within(bytes, "2002")) add("6to4", 2);
  if (within(bytes, "20010000")) add("teredo", 4);
  if (within(bytes, "20010000")) add("teredo", 12, 0xff);
  if (isIsatap(bytes)) add("isatap", 12);
  return found;
}

function within(bytes: readonly number[], prefixHex: string): boolean {
  return Buffer.from(prefixHex, "hex").every((byte, at) => bytes[at] === byte);
}

/** The interface identifier is `0:5efe` or, with the universal bit, `200:5efe`, followed by the IPv4 address. */
function isIsatap(bytes: readonly number[]): boolean {
  return ((bytes[8] ?? 0) & 0xfd) === 0 && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe;
}

function ipv4At(bytes: readonly number[], at: number, mask: number): ipaddr.IPv4 {
  return new ipaddr.IPv4(bytes.slice(at, at + 4).map((byte) => byte ^ mask));
}
