import { X509Certificate } from "node:crypto";
import type { PeerCertificate } from "node:tls";
import type { SpiffeId } from "@vivified/contracts";
import { svidOf } from "./peer-svid.ts";
import type { Svid } from "./svid.ts";

export type TlsIdentity = {
  readonly bundlePem: string;
  /** The only identity that the other side may have. */
  readonly expect: SpiffeId;
  /** Absent: an anonymous client. */
  readonly own?: Svid;
};

/**
 * TLS options of a mesh client: 1.3 only, the trust bundle as only authority, and the peer's one URI SAN compared
 * exactly instead of a host name. No session is resumed, since resumption skips the check.
 */
export function tlsIdentity(identity: TlsIdentity) {
  const own = identity.own && { key: identity.own.keyPem, cert: identity.own.chainPem };
  return {
    ...own,
    ca: identity.bundlePem,
    minVersion: "TLSv1.3",
    maxVersion: "TLSv1.3",
    rejectUnauthorized: true,
    checkServerIdentity: (_host: string, peer: PeerCertificate) => mismatch(peer, identity.expect),
  } as const;
}

function mismatch(peer: PeerCertificate, expect: SpiffeId): Error | undefined {
  const found = svidOf(new X509Certificate(peer.raw))?.id;
  return found === expect ? undefined : new Error(`the peer is ${found ?? "no SVID"}, not ${expect}`);
}
