import { createHmac, createSecretKey, hkdfSync } from "node:crypto";

/** Keyed, deterministic stand-ins for values. Each use has a key of its own, so that no output tells about another. */
export type FieldKeys = {
  /** `sha256:` and 32 hex digits */
  readonly hash: (text: string) => string;
  /** `tok_` and 43 base64url characters */
  readonly token: (text: string) => string;
  /** Digest of a payload for the record, 64 hex digits. */
  readonly digest: (text: string) => string;
  /** Names the key that they all come from and tells nothing about it, 16 hex digits. */
  readonly id: string;
};

/** Derives the keys from the gateway's digest key by HKDF-SHA-256 (RFC 5869). */
export function deriveFieldKeys(secret: string): FieldKeys {
  const keyed = (use: string) => {
    const key = createSecretKey(Buffer.from(hkdfSync("sha256", secret, "", `vivified/${use}/v1`, 32)));
    return (text: string) => createHmac("sha256", key).update(text);
  };
  const [hash, token, digest] = [keyed("field-hash"), keyed("field-token"), keyed("payload-digest")];
  return {
    hash: (text) => `sha256:${hash(text).digest("hex").slice(0, 32)}`,
    token: (text) => `tok_${token(text).digest("base64url")}`,
    digest: (text) => digest(text).digest("hex"),
    id: Buffer.from(hkdfSync("sha256", secret, "", "vivified/key-id/v1", 8)).toString("hex"),
  };
}
