import { createHash } from "node:crypto";

/** Hex SHA-256 over parts of any length; no two lists of parts give the same text to hash. */
export function digestOf(parts: readonly (string | Uint8Array)[]): string {
  const digest = createHash("sha256");
  for (const part of parts) digest.update(`${Buffer.byteLength(part)}:`).update(part);
  return digest.digest("hex");
}

/** Hex SHA-256 of one file's content. */
export const sha256 = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");
