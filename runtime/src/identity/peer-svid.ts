import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { parseSpiffeId, type SpiffeId } from "@vivified/contracts";

/** Who is at the other end of a mutually authenticated connection. */
export type PeerSvid = {
  readonly id: SpiffeId;
  readonly trustDomain: string;
  readonly path: string;
  readonly expiresAt: Date;
};

const known = new WeakMap<TLSSocket, PeerSvid>();

/**
 * The verified peer of a connection, or undefined when there is none: no certificate, one that the trust bundle does not
 * vouch for, or not exactly one URI SAN that is a SPIFFE ID (X509-SVID §2, §5.2). Expiry is the caller's to check, since
 * a connection may outlive its certificate.
 */
export function peerSvid(socket: TLSSocket): PeerSvid | undefined {
  if (!socket.authorized) return undefined;
  const before = known.get(socket);
  if (before !== undefined) return before;
  const certificate = socket.getPeerX509Certificate();
  const peer = certificate && svidOf(certificate);
  if (peer !== undefined) known.set(socket, peer);
  return peer;
}

/** Reads the identity of a leaf certificate; undefined when it is not an X509-SVID leaf. */
export function svidOf(certificate: X509Certificate): PeerSvid | undefined {
  if (certificate.ca) return undefined;
  const uris = subjectAltNames(certificate.subjectAltName ?? "").filter((name) => name.startsWith("URI:"));
  const [uri] = uris;
  if (uris.length !== 1 || uri === undefined) return undefined;
  const parsed = parseSpiffeId(uri.slice("URI:".length));
  return parsed && { ...parsed, expiresAt: new Date(certificate.validTo) };
}

/**
 * Splits Node's rendering of subject alternative names. A name that holds special characters is quoted by Node as a
 * JSON string; such a name cannot be a SPIFFE ID, and it must not be able to pose as two names.
 */
function subjectAltNames(text: string): string[] {
  return [...text.matchAll(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g)].map((match) => match[0].trim());
}
