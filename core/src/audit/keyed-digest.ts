import { createHash, createHmac, createPrivateKey, createSecretKey, hkdfSync } from "node:crypto";

/** Stands in core's own records for what they must not hold: names that may be passwords, settings that may be secrets. */
export type KeyedDigest = {
  /** Names the key, 16 hex digits; digests under different keys cannot be compared. */
  readonly key: string;
  /** HMAC-SHA-256, 64 hex digits; the same text under another use has another one. */
  readonly of: (use: string, text: string) => string;
};

/**
 * Derives the key by HKDF-SHA-256 (RFC 5869) from a private key that core has anyway, PKCS #8 PEM: whoever reads the log,
 * or the whole database, cannot try texts. Another private key means other digests.
 */
export function deriveKeyedDigest(privateKeyPem: string): KeyedDigest {
  const secret = createPrivateKey(privateKeyPem).export({ type: "pkcs8", format: "der" });
  const key = Buffer.from(hkdfSync("sha256", secret, "", "vivified/core-record-digest/v1", 32));
  const hmac = createSecretKey(key);
  const named = Buffer.from(hkdfSync("sha256", secret, "", "vivified/core-record-digest-name/v1", 32));
  return {
    key: createHash("sha256").update(named).digest("hex").slice(0, 16),
    of: (use, text) => createHmac("sha256", hmac).update(`${use}\n${text}`).digest("hex"),
  };
}
