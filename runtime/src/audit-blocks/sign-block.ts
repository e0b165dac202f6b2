import { type KeyObject, sign, verify } from "node:crypto";

/** The header of a block's message that holds its signature, base64url. */
export const blockSignatureHeader = "Vivified-Signature";

/** Signs a block as it will be stored. `key`: the process's own, Ed25519. */
export function signBlock(bytes: Uint8Array, key: KeyObject): string {
  return sign(null, signedBytes(bytes), key).toString("base64url");
}

/** Whether one of the keys signed these bytes as a block. */
export function isSignedBlock(bytes: Uint8Array, signature: string, keys: readonly KeyObject[]): boolean {
  const text = signedBytes(bytes);
  return keys.some((key) => verify(null, text, key, Buffer.from(signature, "base64url")));
}

/** Under a name of its own: nothing else that a process signs looks like it. */
const signedBytes = (bytes: Uint8Array): Uint8Array => Buffer.concat([prefix, bytes]);
const prefix = Buffer.from("vivified audit block v1\n");
