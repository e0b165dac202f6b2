import { createPrivateKey, X509Certificate as NodeCertificate, randomUUID } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { VivifiedError } from "@vivified/runtime";
import { X509Certificate } from "@vivified/runtime/x509";
import { type Authority, keyAlgorithm, pemOf, rootHashOf } from "./authority.ts";

/** Key and certificate in one file, so that there is never half an authority on disk. Mode 0600. */
export function authorityFile(directory: string): string {
  return join(directory, "authority.pem");
}

/**
 * Reads the authority of a directory.
 *
 * @throws VivifiedError `invalid_config` when there is none, it is for another trust domain, or key and certificate do
 *   not belong together.
 */
export async function readAuthority(directory: string, trustDomain: string): Promise<Authority> {
  const pem = await readFile(authorityFile(directory), "utf8").catch((cause: unknown) => {
    throw new VivifiedError("invalid_config", { detail: `no authority in ${directory}`, cause });
  });
  const authority = await parseAuthority(pem, trustDomain);
  if (authority === undefined) {
    throw new VivifiedError("invalid_config", { detail: `not the authority of ${trustDomain}: ${directory}` });
  }
  return authority;
}

/** Writes a new authority; when another process was first, leaves its. Never overwrites. */
export async function storeAuthority(directory: string, keyPem: string, root: X509Certificate): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const draft = join(directory, `.authority-${randomUUID()}`);
  await writeFile(draft, keyPem + pemOf(root), { mode: 0o600, flag: "wx", flush: true });
  await link(draft, authorityFile(directory)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  await rm(draft);
}

async function parseAuthority(pem: string, trustDomain: string): Promise<Authority | undefined> {
  const node = certificateOf(pem);
  if (node === undefined || !hasExactly(node, `URI:spiffe://${trustDomain}`)) return undefined;
  const key = createPrivateKey(pem);
  if (!node.ca || !node.checkPrivateKey(key)) return undefined;
  const pkcs8 = new Uint8Array(key.export({ format: "der", type: "pkcs8" }));
  const signingKey = await crypto.subtle.importKey("pkcs8", pkcs8, keyAlgorithm, false, ["sign"]);
  const certificate = new X509Certificate(node.raw);
  return { trustDomain, certificate, signingKey, bundle: pemOf(certificate), rootHash: rootHashOf(certificate) };
}

function certificateOf(pem: string): NodeCertificate | undefined {
  const [block] = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(pem) ?? [];
  return block === undefined ? undefined : new NodeCertificate(block);
}

function hasExactly(certificate: NodeCertificate, name: string): boolean {
  return certificate.subjectAltName === name;
}
