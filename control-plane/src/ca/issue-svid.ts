import { isIP } from "node:net";
import { type ProcessName, parseSpiffeId, processNames, type SpiffeId } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  type PublicKey,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from "@vivified/runtime/x509";
import { type Authority, pemOf, signingAlgorithm } from "./authority.ts";
import { randomSerial } from "./serial-number.ts";

const skewMs = 60_000;

export type SvidOrder = {
  /** Who it is for: the authenticated caller, never what a CSR says. */
  readonly spiffeId: SpiffeId;
  readonly publicKey: PublicKey;
  readonly now: Date;
};

export type SvidRules = {
  readonly ttlSeconds: number;
  /** DNS names and addresses that our own processes are reached by; plugins get none. */
  readonly processHosts: readonly string[];
};

export type IssuedSvid = {
  readonly chainPem: string;
  readonly expiresAt: Date;
  /** Of the certificate, hex. */
  readonly serial: string;
};

/**
 * Signs a leaf as X509-SVID §2–4 wants it: empty subject, so a critical SAN with exactly one URI; not a CA; key usage
 * `digitalSignature` alone; for servers and clients. Never outlives the root.
 *
 * @throws VivifiedError `internal` when the identity is not of this trust domain, or the root has expired.
 */
export async function issueSvid(authority: Authority, order: SvidOrder, rules: SvidRules): Promise<IssuedSvid> {
  if (parseSpiffeId(order.spiffeId)?.trustDomain !== authority.trustDomain) refuse("not of this trust domain");
  const expiresAt = expiryOf(authority, order.now, rules.ttlSeconds);
  const leaf = await X509CertificateGenerator.create({
    serialNumber: randomSerial(),
    issuer: authority.certificate.subject,
    notBefore: new Date(order.now.getTime() - skewMs),
    notAfter: expiresAt,
    signingAlgorithm,
    signingKey: authority.signingKey,
    publicKey: order.publicKey,
    extensions: await extensionsOf(authority, order, rules),
  });
  return { chainPem: pemOf(leaf), expiresAt, serial: leaf.serialNumber };
}

function expiryOf(authority: Authority, now: Date, ttlSeconds: number): Date {
  const wanted = Math.floor(now.getTime() / 1000) * 1000 + ttlSeconds * 1000;
  const expiresAt = new Date(Math.min(wanted, authority.certificate.notAfter.getTime()));
  return expiresAt > now ? expiresAt : refuse("the root has expired");
}

async function extensionsOf(authority: Authority, order: SvidOrder, rules: SvidRules): Promise<Extension[]> {
  return [
    new SubjectAlternativeNameExtension(namesOf(order.spiffeId, authority.trustDomain, rules.processHosts), true),
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
    await AuthorityKeyIdentifierExtension.create(authority.certificate.publicKey),
    await SubjectKeyIdentifierExtension.create(order.publicKey),
  ];
}

type Name = { type: "url" | "dns" | "ip"; value: string };

function namesOf(spiffeId: SpiffeId, trustDomain: string, processHosts: readonly string[]): Name[] {
  const own: Name = { type: "url", value: spiffeId };
  const path = spiffeId.slice(`spiffe://${trustDomain}/`.length);
  if (!processNames.includes(path as ProcessName)) return [own];
  return [own, ...processHosts.map((value): Name => ({ type: isIP(value) === 0 ? "dns" : "ip", value }))];
}

function refuse(cause: string): never {
  throw new VivifiedError("internal", { cause: new Error(`cannot issue an SVID: ${cause}`) });
}
