import { randomUUID } from "node:crypto";

/**
 * A UUID version 7 (RFC 9562 §5.7): sorts by the millisecond it was made in. The random part is that of a version 4 UUID,
 * which Node makes from entropy fetched ahead.
 */
export function uuidv7(nowMs: number = Date.now()): string {
  const time = nowMs.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}
