import { domainToASCII } from "node:url";
import { VivifiedError } from "@vivified/runtime";

/** Where a URL leads, in the one spelling that grants, policy, name resolution and TLS all use. */
export type DestinationUrl = {
  readonly scheme: Scheme;
  /** Lower case, Punycode, without a trailing dot; an IPv6 literal without brackets. */
  readonly host: string;
  readonly port: number;
  /** Normalised: no dot segments, nothing that another parser could read as one. */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
};

const defaultPorts = { http: 80, https: 443, smtp: 587, smtps: 465 } as const;
export type Scheme = keyof typeof defaultPorts;

const spelling = /^(https?|smtps?):\/\/([^/?#]+)/i;

/**
 * Parses a destination as WHATWG URL does, and refuses whatever has more than one reading: user info, fragments,
 * backslashes, white space, encoded slashes and dot segments, empty labels.
 *
 * @throws VivifiedError `malformed` 400
 */
export function parseDestinationUrl(text: string): DestinationUrl {
  const [, scheme, authority] = spelling.exec(text) ?? [];
  if (!scheme || !authority) throw malformed("the URL must be http, https, smtp or smtps with a host");
  if (/[\s\p{Cc}\p{Cf}\\]/u.test(text)) throw malformed("the URL holds white space, control characters or backslashes");
  if (authority.includes("@")) throw malformed("the URL holds user information");
  if (text.includes("#")) throw malformed("the URL holds a fragment");
  const lower = scheme.toLowerCase();
  return lower === "http" || lower === "https"
    ? webUrl(lower, text)
    : mailUrl(lower === "smtp" ? lower : "smtps", text);
}

function webUrl(scheme: "http" | "https", text: string): DestinationUrl {
  const url = parse(text);
  const port = url.port === "" ? defaultPorts[scheme] : Number(url.port);
  if (port === 0) throw malformed("the port is not valid");
  return { scheme, host: canonicalHost(url.hostname), port, path: plainPath(url.pathname), query: url.search.slice(1) };
}

/** WHATWG leaves hosts of other schemes as they are written, so the host goes through the parser of `http` by itself. */
function mailUrl(scheme: "smtp" | "smtps", text: string): DestinationUrl {
  const url = parse(text);
  if ((url.pathname !== "" && url.pathname !== "/") || url.search !== "") throw malformed("a mail server has no path");
  const port = url.port === "" ? defaultPorts[scheme] : Number(url.port);
  if (port === 0) throw malformed("the port is not valid");
  return { scheme, host: canonicalHost(parse(`http://${url.hostname}/`).hostname), port, path: "/", query: "" };
}

function canonicalHost(hostname: string): string {
  if (hostname.startsWith("[")) return hostname.slice(1, -1);
  const host = hostname.endsWith(".") ? hostname.slice(0, -1) : hostname;
  const labels = host.split(".");
  const wellFormed = labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label));
  if (!wellFormed || host.length > 253 || domainToASCII(host) !== host) throw malformed("the host is not a name");
  return host;
}

/** Segments may not hold an encoded slash, and may not turn into dot segments however often they are decoded. */
function plainPath(path: string): string {
  if (/%(?:25)*(?:2f|5c|00)/i.test(path)) throw malformed("the path holds an encoded slash");
  if (path.split("/").some(looksLikeDots)) throw malformed("the path holds an encoded dot segment");
  return path;
}

function looksLikeDots(segment: string): boolean {
  return /^\.{1,2}$/.test(segment.replace(/%(?:25)*2e/gi, ".").replace(/(?:;|%(?:25)*3b).*$/i, ""));
}

function parse(text: string): URL {
  const url = URL.parse(text);
  if (url === null || url.hostname === "") throw malformed("the URL cannot be parsed");
  return url;
}

function malformed(detail: string): VivifiedError {
  return new VivifiedError("malformed", { detail });
}
