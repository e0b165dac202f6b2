import { createHmac, createSecretKey, hkdfSync, timingSafeEqual } from "node:crypto";

/** What core and gateways share about data subjects. The secret is never rotated: it finds a subject's key again. */
export type SubjectSecret = {
  /** Stands for a subject in keys and records: 64 hex digits, and nobody without the secret can try names. */
  readonly hash: (subject: string) => string;
  /** 64 hex digits: says that a text comes from somebody with the secret. */
  readonly mac: (text: string) => string;
  readonly isMac: (mac: string, text: string) => boolean;
};

/** Derives a key for each use by HKDF-SHA-256 (RFC 5869). */
export function deriveSubjectSecret(secret: string): SubjectSecret {
  const keyed = (use: string) => {
    const key = createSecretKey(Buffer.from(hkdfSync("sha256", secret, "", `vivified/${use}/v1`, 32)));
    return (text: string) => createHmac("sha256", key).update(text).digest("hex");
  };
  const [hash, mac] = [keyed("subject-hash"), keyed("subject-key-entry")];
  return { hash, mac, isMac: (given, text) => isEqual(Buffer.from(given), Buffer.from(mac(text))) };
}

const isEqual = (one: Buffer, other: Buffer): boolean => one.length === other.length && timingSafeEqual(one, other);
