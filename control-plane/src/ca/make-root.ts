import type { webcrypto } from "node:crypto";
import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from "@vivified/runtime/x509";
import { keyAlgorithm, signingAlgorithm } from "./authority.ts";
import { randomSerial } from "./serial-number.ts";

const rootLifetimeMs = 10 * 365 * 24 * 60 * 60 * 1000;
const skewMs = 60_000;

/**
 * A new root as X509-SVID §3 wants a signing certificate: CA, `keyCertSign`, an ID without a path, and nothing that
 * would let it authenticate anybody. It signs leaves only (path length 0).
 */
export async function makeRoot(trustDomain: string, now: Date): Promise<{ root: X509Certificate; keyPem: string }> {
  const keys = await crypto.subtle.generateKey(keyAlgorithm, true, ["sign", "verify"]);
  const root = await X509CertificateGenerator.createSelfSigned({
    serialNumber: randomSerial(),
    name: `CN=${trustDomain}, O=Vivified`,
    notBefore: new Date(now.getTime() - skewMs),
    notAfter: new Date(now.getTime() + rootLifetimeMs),
    signingAlgorithm,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      new SubjectAlternativeNameExtension([{ type: "url", value: `spiffe://${trustDomain}` }]),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { root, keyPem: await privateKeyPem(keys.privateKey) };
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  return `${PemConverter.encode(await crypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY")}\n`;
}
