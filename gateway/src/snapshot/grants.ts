import type { EgressGrant, Grant } from "@vivified/contracts";

/** Where an egress call wants to go: lower-case host, explicit port, path without query. */
export type EgressTarget = {
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
  readonly method: string;
  readonly path: string;
};

/** The operator's grants, found without scanning. Every look-up returns the grant that an action rests on, or nothing. */
export type GrantIndex = {
  readonly publish: (plugin: string, eventType: string) => Grant | undefined;
  readonly subscribe: (plugin: string, eventType: string) => Grant | undefined;
  readonly rpc: (plugin: string, target: string, operation: string) => Grant | undefined;
  readonly egress: (plugin: string, target: EgressTarget) => EgressGrant | undefined;
};

/** Indexes grants by plugin, kind and what they are about. */
export function indexGrants(grants: readonly Grant[]): GrantIndex {
  const exact = new Map<string, Grant>();
  const egress = new Map<string, EgressGrant[]>();
  for (const grant of grants) {
    if (grant.kind === "egress") egress.set(grant.plugin, [...(egress.get(grant.plugin) ?? []), grant]);
    else exact.set(keyOf(grant), grant);
  }
  return {
    publish: (plugin, eventType) => exact.get(key(plugin, "publish", eventType)),
    subscribe: (plugin, eventType) => exact.get(key(plugin, "subscribe", eventType)),
    rpc: (plugin, target, operation) => exact.get(key(plugin, "rpc", target, operation)),
    egress: (plugin, target) => egress.get(plugin)?.find((grant) => covers(grant, target)),
  };
}

/** `example.com` covers itself only; `*.example.com` covers its subdomains and its apex, never `evilexample.com`. */
export function coversHost(pattern: string, host: string): boolean {
  if (!pattern.startsWith("*.")) return pattern === host;
  const apex = pattern.slice(2);
  return host === apex || host.endsWith(`.${apex}`);
}

/** A path prefix ends at a segment: `/v1` covers `/v1` and `/v1/x`, not `/v10`. */
function coversPath(prefix: string, path: string): boolean {
  return path === prefix || path.startsWith(prefix.endsWith("/") ? prefix : `${prefix}/`);
}

function covers(grant: EgressGrant, target: EgressTarget): boolean {
  return (
    coversHost(grant.host.toLowerCase(), target.host) &&
    grant.schemes.some((scheme) => scheme === target.scheme) &&
    grant.ports.includes(target.port) &&
    grant.methods.some((method) => method === target.method) &&
    (grant.path_prefix === undefined || coversPath(grant.path_prefix, target.path))
  );
}

function keyOf(grant: Exclude<Grant, { kind: "egress" }>): string {
  if (grant.kind === "rpc") return key(grant.plugin, "rpc", grant.target, grant.operation);
  return key(grant.plugin, grant.kind, grant.event_type);
}

/** Joined by a character that none of the parts can hold. */
const key = (...parts: readonly string[]): string => parts.join("\n");
