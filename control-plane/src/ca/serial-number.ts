import { randomBytes } from "node:crypto";

/** 128 random bits behind a leading 01: positive, never short, within 20 octets (RFC 5280 §4.1.2.2). Hex. */
export function randomSerial(): string {
  const bytes = randomBytes(17);
  bytes[0] = 1;
  return bytes.toString("hex");
}
