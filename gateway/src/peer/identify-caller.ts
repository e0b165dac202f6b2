import type { SpiffeId } from "@vivified/contracts";
import { type Clock, type PeerSvid, VivifiedError } from "@vivified/runtime";
import type { Plugin, Snapshot } from "../snapshot/snapshot.ts";

/** An active plugin, or somebody who may do nothing on a lane: the rule says why, and the record names the certificate. */
export type Caller =
  | { readonly standing: "active"; readonly plugin: Plugin }
  | { readonly standing: "refused"; readonly rule: PeerRule; readonly spiffeId: SpiffeId };
export type PeerRule = "peer.unknown" | "peer.not_approved" | "peer.disabled";

/**
 * Who calls: the SPIFFE ID of the TLS peer and nothing else. Looked at on every request, because a connection can
 * outlive its certificate.
 *
 * @throws VivifiedError `unauthenticated` 401: no certificate, another trust domain, or an expired one.
 */
export function identifyCaller(peer: PeerSvid | undefined, snapshot: Snapshot, clock: Clock): Caller {
  const { id } = checkPeer(peer, snapshot.trustDomain, clock);
  const plugin = snapshot.pluginsBySpiffeId.get(id);
  if (plugin === undefined) return { standing: "refused", rule: "peer.unknown", spiffeId: id };
  if (plugin.status === "registered") return { standing: "refused", rule: "peer.not_approved", spiffeId: id };
  if (plugin.status === "disabled") return { standing: "refused", rule: "peer.disabled", spiffeId: id };
  return { standing: "active", plugin };
}

/** A live SVID of this trust domain. @throws VivifiedError `unauthenticated` 401 */
export function checkPeer(peer: PeerSvid | undefined, trustDomain: string, clock: Clock): PeerSvid {
  if (peer === undefined || peer.trustDomain !== trustDomain || peer.expiresAt <= clock.now()) {
    throw new VivifiedError("unauthenticated");
  }
  return peer;
}
