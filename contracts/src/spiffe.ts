declare const spiffe: unique symbol;
/** A checked SPIFFE ID, `spiffe://<trust domain>/<path>` (SPIFFE-ID §2). */
export type SpiffeId = string & { readonly [spiffe]: true };

const trustDomain = /^[a-z0-9._-]{1,255}$/;
const segment = /^[A-Za-z0-9._-]+$/;

/**
 * Parses a SPIFFE ID strictly: scheme `spiffe`, a trust domain, a non-empty path without empty, `.` or `..` segments, no
 * query, fragment, port, user info or percent-encoding, at most 2048 bytes. Returns undefined for anything else.
 */
export function parseSpiffeId(text: string): { id: SpiffeId; trustDomain: string; path: string } | undefined {
  if (text.length > 2048 || !text.startsWith("spiffe://")) return undefined;
  const [domain = "", ...segments] = text.slice("spiffe://".length).split("/");
  if (!trustDomain.test(domain) || segments.length === 0) return undefined;
  if (!segments.every((part) => segment.test(part) && part !== "." && part !== "..")) return undefined;
  return { id: text as SpiffeId, trustDomain: domain, path: segments.join("/") };
}

/** The processes that are mesh endpoints of their own. */
export const processNames = ["core", "gateway", "control-plane"] as const;
export type ProcessName = (typeof processNames)[number];

/** `spiffe://<td>/core`, `…/gateway`, `…/control-plane` */
export function processSpiffeId(domain: string, name: ProcessName): SpiffeId {
  return checked(`spiffe://${domain}/${name}`);
}

/** `spiffe://<td>/plugin/<plugin id>`: every instance of a plugin has the same identity. */
export function pluginSpiffeId(domain: string, pluginId: string): SpiffeId {
  return checked(`spiffe://${domain}/plugin/${pluginId}`);
}

/** The plugin that a SPIFFE ID of this trust domain names, or undefined. */
export function pluginIdOf(id: SpiffeId, domain: string): string | undefined {
  const prefix = `spiffe://${domain}/plugin/`;
  const name = id.startsWith(prefix) ? id.slice(prefix.length) : "";
  return /^[a-z0-9-]+$/.test(name) ? name : undefined;
}

function checked(text: string): SpiffeId {
  const parsed = parseSpiffeId(text);
  if (parsed === undefined) throw new TypeError(`not a SPIFFE ID: ${text}`);
  return parsed.id;
}
