import { createHash } from "node:crypto";
import { VivifiedError } from "@vivified/runtime";

/**
 * The id of an event that is published with an idempotency key: the same for the same publisher and key, and for nobody
 * else. SHA-256 in the form of a UUIDv8 (RFC 9562 §5.8).
 */
export function eventIdFor(publisher: string, idempotencyKey: string): string {
  const bytes = createHash("sha256")
    .update(JSON.stringify(["vivified-event", publisher, idempotencyKey]))
    .digest();
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex", 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/**
 * The key of an `Idempotency-Key` header, or undefined without one. @throws VivifiedError `malformed` 400: not 1 to 200
 * printable ASCII characters, or given twice.
 */
export function idempotencyKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header === "string" && /^[\x21-\x7e]{1,200}$/.test(header)) return header;
  throw new VivifiedError("malformed", { detail: "the idempotency key must be 1 to 200 printable characters" });
}
