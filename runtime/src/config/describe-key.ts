import { createHash, createPublicKey } from "node:crypto";
import { VivifiedError } from "../errors/vivified-error.ts";

/**
 * Names a key by `sha256:` and the hex SHA-256 of its SubjectPublicKeyInfo. Of a private key (PEM) only the public half is
 * looked at.
 *
 * @param name the setting that the key comes from
 * @throws VivifiedError `invalid_config` for what is no key
 */
export function describeKey(pem: string, name: string): string {
  try {
    const key = createPublicKey(pem).export({ type: "spki", format: "der" });
    return `sha256:${createHash("sha256").update(key).digest("hex")}`;
  } catch (cause) {
    throw new VivifiedError("invalid_config", { detail: `${name} holds no key`, cause });
  }
}
