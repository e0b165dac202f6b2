import type { webcrypto } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import type { SpiffeId } from "@vivified/contracts";
import { Pkcs10CertificateRequestGenerator, PublicKey, SubjectAlternativeNameExtension } from "@vivified/runtime/x509";
import { type Authority, keyAlgorithm, pemOf, rootHashOf, signingAlgorithm } from "./authority.ts";
import { makeRoot } from "./make-root.ts";

/** An authority in memory. */
export async function anAuthority(trustDomain = "vivified.local", now = new Date()): Promise<Authority> {
  const { root, keyPem } = await makeRoot(trustDomain, now);
  const der = Buffer.from(keyPem.replace(/-----[^-]+-----/g, ""), "base64");
  const signingKey = await crypto.subtle.importKey("pkcs8", der, keyAlgorithm, false, ["sign"]);
  return { trustDomain, certificate: root, signingKey, bundle: pemOf(root), rootHash: rootHashOf(root) };
}

export async function aKeyPair(namedCurve = "P-256"): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey({ name: "ECDSA", namedCurve }, true, ["sign", "verify"]);
}

export async function aPublicKey(): Promise<PublicKey> {
  return PublicKey.create((await aKeyPair()).publicKey);
}

/** A PEM certificate request; `claims` are URI names that it asks for, and must not get. */
export async function aCsr(
  options: { keys?: webcrypto.CryptoKeyPair; claims?: readonly SpiffeId[] } = {},
): Promise<string> {
  const keys = options.keys ?? (await aKeyPair());
  const names = (options.claims ?? []).map((value) => ({ type: "url" as const, value }));
  const csr = await Pkcs10CertificateRequestGenerator.create({
    name: "CN=anything",
    keys,
    signingAlgorithm,
    extensions: names.length > 0 ? [new SubjectAlternativeNameExtension(names)] : [],
  });
  return csr.toString("pem");
}

/** Puts the private key of one authority file in front of the certificate of another. */
export async function readAndSwap(path: string, donor: string): Promise<void> {
  const [own, other] = await Promise.all([readFile(path, "utf8"), readFile(donor, "utf8")]);
  const keyOf = (pem: string) => pem.slice(0, pem.indexOf("-----BEGIN CERTIFICATE-----"));
  await writeFile(path, keyOf(other) + own.slice(keyOf(own).length));
}
