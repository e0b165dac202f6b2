import { createHash, type webcrypto } from "node:crypto";
import type { X509Certificate } from "@vivified/runtime/x509";

/** The signer of one trust domain. A file for now; a secret store or KMS fits behind the same shape. */
export type Authority = {
  readonly trustDomain: string;
  readonly certificate: X509Certificate;
  readonly signingKey: webcrypto.CryptoKey;
  /** PEM: every trusted root. */
  readonly bundle: string;
  /** base64url SHA-256 of the root's DER: what join tokens carry and first contact pins. */
  readonly rootHash: string;
};

export const keyAlgorithm = { name: "ECDSA", namedCurve: "P-256" } as const;
export const signingAlgorithm = { name: "ECDSA", hash: "SHA-256" } as const;

export function rootHashOf(certificate: X509Certificate): string {
  return createHash("sha256").update(new Uint8Array(certificate.rawData)).digest("base64url");
}

/** A certificate as PEM that ends with a newline, so that concatenation is a chain. */
export function pemOf(certificate: X509Certificate): string {
  return `${certificate.toString("pem").trim()}\n`;
}
