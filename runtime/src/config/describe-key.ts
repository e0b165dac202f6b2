import { createHash, createPublicKey, KeyObject } from "node:crypto";
import { VivifiedError } from "../errors/vivified-error.ts";

/**
 * Names a key by `sha256:` and the hex SHA-256 of its SubjectPublicKeyInfo. Of a private key in PEM only the public half
 * is looked at; a `KeyObject` is public.
 *
 * @param name the setting that the key comes from
 * @throws VivifiedError `invalid_config` for what is no key
 */
export function describeKey(pem: string | KeyObject, name: string): string {
  try {
    const publicKey = pem instanceof KeyObject ? pem : createPublicKey(pem);
    const key = publicKey.export({ type: "spki", format: "der" });
    return `sha256:${createHash("sha256").update(key).digest("hex")}`;
  } catch (cause) {
    throw new VivifiedError("invalid_config", { detail: `${name} holds no key`, cause });
  }
}
