import { createHash, randomUUID } from "node:crypto";

/**
 * The id of a mail. The same caller with the same key always gets the same id, so that a repeated request finds the mail
 * that was sent, and who gets one twice can tell by its `X-Email-Id`. Without a key every mail is new.
 */
export function emailId(caller: string, idempotencyKey: string | undefined): string {
  if (idempotencyKey === undefined) return randomUUID();
  return createHash("sha256")
    .update(JSON.stringify([caller, idempotencyKey]))
    .digest("hex")
    .slice(0, 32);
}
