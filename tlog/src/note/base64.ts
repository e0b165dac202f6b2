/** The bytes of standard padded base64 (RFC 4648, section 4), or undefined for text that is not its one right spelling. */
export function bytesOf(base64: string): Uint8Array | undefined {
  const bytes = Buffer.from(base64, "base64");
  return bytes.toString("base64") === base64 ? bytes : undefined;
}

export function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

/** A SHA-256 hash in base64, or undefined. */
export function hashOf(base64: string): Uint8Array | undefined {
  const bytes = bytesOf(base64);
  return bytes?.length === 32 ? bytes : undefined;
}
