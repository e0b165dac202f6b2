import { randomBytes, webcrypto } from "node:crypto";
import { parseSpiffeId, type SpiffeId } from "@vivified/contracts";
import type { Svid, SvidSource } from "./svid.ts";
import { assembleSvid } from "./svid-files.ts";
import * as x509 from "./x509.ts";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

export type IssueOptions = {
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** Further URI SANs, to make a certificate that is no SVID. */
  readonly alsoUris?: readonly string[];
  /** DNS SANs, as the certificate of an ordinary server has them. */
  readonly dnsNames?: readonly string[];
  /** Says that it may sign others, which no leaf may. */
  readonly ca?: boolean;
  /** PEM request whose key is certified, instead of a fresh one; the SVID then has a key that is not its own. */
  readonly csr?: string;
};

/** A certificate authority for tests: issues SVIDs, good and bad ones, without a control plane. */
export type TestAuthority = {
  readonly bundlePem: string;
  readonly issue: (spiffeId: string, options?: IssueOptions) => Promise<Svid>;
};

export async function testAuthority(trustDomain = "vivified.local"): Promise<TestAuthority> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: `CN=test root of ${trustDomain}`,
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - 3_600_000),
    notAfter: new Date(Date.now() + 3_600_000),
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      new x509.SubjectAlternativeNameExtension([{ type: "url", value: `spiffe://${trustDomain}` }]),
    ],
  });
  const bundlePem = `${root.toString("pem")}\n`;
  return { bundlePem, issue: (spiffeId, options) => issueSvid({ root, keys, bundlePem }, spiffeId, options) };
}

type Issuer = { root: x509.X509Certificate; keys: webcrypto.CryptoKeyPair; bundlePem: string };

async function issueSvid(issuer: Issuer, spiffeId: string, options: IssueOptions = {}): Promise<Svid> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const uris = [spiffeId, ...(options.alsoUris ?? [])];
  const leaf = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    issuer: issuer.root.subject,
    publicKey: options.csr === undefined ? keys.publicKey : new x509.Pkcs10CertificateRequest(options.csr).publicKey,
    signingKey: issuer.keys.privateKey,
    signingAlgorithm: algorithm,
    notBefore: options.notBefore ?? new Date(Date.now() - 60_000),
    notAfter: options.notAfter ?? new Date(Date.now() + 1_800_000),
    extensions: [
      ...(options.ca ? [new x509.BasicConstraintsExtension(true, undefined, true)] : []),
      new x509.KeyUsagesExtension(usagesOf(options), true),
      new x509.ExtendedKeyUsageExtension(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]),
      new x509.SubjectAlternativeNameExtension(
        [
          ...uris.map((value) => ({ type: "url" as const, value })),
          ...(options.dnsNames ?? []).map((value) => ({ type: "dns" as const, value })),
        ],
        true,
      ),
    ],
  });
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  const keyPem = x509.PemConverter.encode(der, "PRIVATE KEY");
  return whole({ keyPem, chainPem: `${leaf.toString("pem")}\n`, bundlePem: issuer.bundlePem }, spiffeId);
}

function usagesOf({ ca }: IssueOptions): number {
  return ca
    ? x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyCertSign
    : x509.KeyUsageFlags.digitalSignature;
}

/** A certificate that is no SVID is still put together, so that tests can present it. */
function whole(parts: Pick<Svid, "keyPem" | "chainPem" | "bundlePem">, spiffeId: string): Svid {
  const id = parseSpiffeId(spiffeId)?.id ?? (spiffeId as SpiffeId);
  return assembleSvid(parts) ?? { ...parts, spiffeId: id, issuedAt: new Date(0), expiresAt: new Date(0) };
}

function serial(): string {
  const bytes = randomBytes(16);
  bytes.writeUInt8(bytes.readUInt8(0) & 0x7f, 0);
  return bytes.toString("hex");
}

/** An SVID source that is renewed by hand. */
export function heldSvid(first: Svid): SvidSource & { readonly renew: (next: Svid) => void } {
  let current = first;
  const listeners = new Set<(svid: Svid) => void>();
  return {
    current: () => current,
    onRenewed: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    renew: (next) => {
      current = next;
      for (const listener of listeners) listener(next);
    },
    [Symbol.asyncDispose]: async () => listeners.clear(),
  };
}
