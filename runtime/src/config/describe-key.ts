import { createHash, createPublicKey, KeyObject } from "node:crypto";
import { VivifiedError } from "../errors/vivified-error.ts";

/**
 * Names a key by `sha256:` and the hex SHA-256 of its SubjectPublicKeyInfo. Of a private key in PEM only the public half
 * is looked at; a `KeyObject` is public.
 *
 * @param name the setting that the key comes from
 * @throws VivifiedError `invalid_config` for what is no key
 */
export function describeKey(key: string | KeyObject, name: string): string {
  try {
    const publicKey = key instanceof KeyObject ? key : createPublicKey(key);
    const der = publicKey.export({ type: "spki", format: "der" });
    return `sha256:${createHash("sha256").update(der).digest("hex")}`;
  } catch (cause) {
    throw new VivifiedError("invalid_config", { detail: `${name} holds no key`, cause });
  }
}
