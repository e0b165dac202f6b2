import { createHmac } from "node:crypto";

export type SignedHeaders = {
  readonly "webhook-id": string;
  readonly "webhook-timestamp": string;
  readonly "webhook-signature": string;
};

/**
 * The headers of a webhook (Standard Webhooks 1.0.0): HMAC-SHA-256 over `id.timestamp.body`, base64, version `v1`. The time
 * is that of the attempt, in seconds, so that receivers may refuse what is old.
 */
export function signWebhook(message: { id: string; body: string }, at: Date, key: Buffer): SignedHeaders {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signature = createHmac("sha256", key).update(`${message.id}.${timestamp}.${message.body}`).digest("base64");
  return {
    "webhook-id": message.id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${signature}`,
  };
}

/** The key in a secret `whsec_<base64>` of 24 to 64 bytes, or nothing. */
export function webhookKey(secret: string): Buffer | undefined {
  const [, text] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
  const key = Buffer.from(text ?? "", "base64");
  return key.length >= 24 && key.length <= 64 ? key : undefined;
}
