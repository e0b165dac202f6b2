import { parse } from "tldts";
import { stringsAt } from "./manifest-value.ts";
import type { ManifestViolation } from "./manifest-violation.ts";

/** Names that only mean something inside a network (RFC 6761, 6762, 8375, 9476 and common practice). */
const privateSuffixes = ["localhost", "local", "internal", "intranet", "private", "corp", "home", "lan", "home.arpa"];
const unreachableSuffixes = ["invalid", "onion", "alt", "arpa"];
const hostName = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** Destinations must be public host names; `*.` may stand for subdomains and apex, as the leftmost label only. */
export function domainViolations(value: unknown): readonly ManifestViolation[] {
  return stringsAt(value, "allowed_domains").flatMap(([domain, index]) => {
    const fault = domainFault(domain);
    return fault === undefined ? [] : [{ pointer: `/allowed_domains/${index}`, ...fault }];
  });
}

type Fault = Pick<ManifestViolation, "message" | "fix">;

function domainFault(domain: string): Fault | undefined {
  const wildcard = domain.startsWith("*.");
  const host = wildcard ? domain.slice(2) : domain;
  if (isAddress(host)) return { message: `${domain} is an IP address`, fix: "name the host" };
  if (!hostName.test(host)) return malformed(domain);
  if (hasSuffix(host, privateSuffixes) || !host.includes(".")) return privateName(domain);
  if (hasSuffix(host, unreachableSuffixes)) return privateName(domain);
  return isPublicSuffix(host, wildcard) ? tooWide(domain) : undefined;
}

function isAddress(host: string): boolean {
  const inside = host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
  return inside.includes(":") || parse(inside).isIp === true || /^(0x[0-9a-f]+|[0-9]+)$/.test(lastLabel(inside));
}

const lastLabel = (host: string): string => host.slice(host.lastIndexOf(".") + 1);

const hasSuffix = (host: string, suffixes: readonly string[]): boolean =>
  suffixes.some((suffix) => host === suffix || host.endsWith(`.${suffix}`));

/** A wildcard over a suffix under which anybody can register, privately run ones included, is nobody's domain. */
function isPublicSuffix(host: string, wildcard: boolean): boolean {
  return parse(host, { allowPrivateDomains: wildcard }).publicSuffix === host;
}

const malformed = (domain: string): Fault => ({
  message: `${JSON.stringify(domain)} is not a host name`,
  fix: "write a lower case host name (punycode where needed) without scheme, port or path; *. only in front",
});
const privateName = (domain: string): Fault => ({
  message: `${domain} is a private or special name`,
  fix: "name a host of the public internet; anything inside is reached through a plugin",
});
const tooWide = (domain: string): Fault => ({
  message: `${domain} is a public suffix, under which anybody can register`,
  fix: "name the domain that you mean, such as api.example.com",
});
