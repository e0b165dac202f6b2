import { isJsonObject, type JsonValue, pluginIdOf, type SpiffeId } from "@vivified/contracts";
import type { Clock, PeerSvid } from "@vivified/runtime";
import { claimsAnother } from "../peer/claims-another.ts";
import { checkPeer } from "../peer/identify-caller.ts";
import type { RefusalRule } from "../pep/refusal-rules.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";

export type IdentifyDeps = {
  readonly trustDomain: string;
  /** @throws VivifiedError `snapshot_missing`, `snapshot_stale` 503 */
  readonly snapshot: () => Snapshot;
  readonly clock: Clock;
};

type Asking = {
  readonly peer: PeerSvid | undefined;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly body: unknown;
};

/**
 * Who asks core for something. Any plugin's certificate may register, even before there is a snapshot that knows it;
 * everything else takes an active plugin.
 *
 * @throws VivifiedError `unauthenticated` 401, `snapshot_missing`, `snapshot_stale` 503
 */
export function identifyForCore(
  { peer, headers, body }: Asking,
  route: string,
  deps: IdentifyDeps,
): { readonly spiffeId: SpiffeId } | { readonly rule: RefusalRule; readonly caller: string } {
  const { id } = checkPeer(peer, deps.trustDomain, deps.clock);
  const pluginId = pluginIdOf(id, deps.trustDomain);
  if (pluginId === undefined) return { rule: "peer.unknown", caller: id };
  if (claimsAnother(pluginId, headers, objectOf(body))) return { rule: "peer.claims_another", caller: pluginId };
  if (route === "/plugins/register") return { spiffeId: id };
  const plugin = deps.snapshot().pluginsBySpiffeId.get(id);
  if (plugin?.status === "active") return { spiffeId: id };
  return { rule: plugin === undefined ? "peer.unknown" : standingRule(plugin.status), caller: id };
}

function standingRule(status: "registered" | "disabled"): RefusalRule {
  return status === "registered" ? "peer.not_approved" : "peer.disabled";
}

function objectOf(body: unknown) {
  const value = body as JsonValue | undefined;
  return isJsonObject(value) ? value : {};
}
