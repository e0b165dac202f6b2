import { createPrivateKey } from "node:crypto";
import { CompactSign } from "jose";
import { hashFile } from "./hash-file.ts";

/**
 * Who signs a bundle. RS256, because its signature depends on key and content alone: the same input gives the same bytes,
 * which ECDSA's do not, and OPA knows no EdDSA for bundles.
 */
export type BundleSigner = {
  readonly keyId: string;
  /** RSA, PKCS #8, PEM; 3072 bits or more. */
  readonly privateKeyPem: string;
};

export const signaturesFile = ".signatures.json";

/** `.signatures.json` for the files of a bundle, as `opa sign` makes it. */
export async function signFiles(files: ReadonlyMap<string, Buffer>, signer: BundleSigner): Promise<Buffer> {
  const algorithm = "SHA-256";
  const names = [...files.keys()].sort();
  const signed = names.map((name) => {
    return { name, hash: hashFile(name, files.get(name) ?? Buffer.alloc(0), algorithm), algorithm };
  });
  const payload = JSON.stringify({ files: signed, keyid: signer.keyId });
  const token = await new CompactSign(Buffer.from(payload))
    .setProtectedHeader({ alg: "RS256", kid: signer.keyId, typ: "JWT" })
    .sign(createPrivateKey(signer.privateKeyPem));
  return Buffer.from(`${JSON.stringify({ signatures: [token] })}\n`);
}
