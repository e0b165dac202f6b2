import { type Call, DeniedError, InvalidError, type JsonObject, LaneError, Refusal } from "@vivified/sdk";
import type { EmailGatewayConfig } from "./config.ts";
import { emailId } from "./email-id.ts";
import type { Email } from "./read-email.ts";
import { tellFailed, tellSent } from "./tell.ts";

export type EmailCall = Pick<Call<EmailGatewayConfig>, "client" | "config" | "caller" | "metrics" | "log">;

/** `{status: "sent" | "skipped", email_id, reason?}` */
export type Outcome = { readonly status: "sent" | "skipped"; readonly email_id: string; readonly reason?: string };

/**
 * Sends a mail now, over the egress lane, and says so with `EmailSent` or `EmailFailed`. With an idempotency key one mail
 * goes out however often it is asked for; only a crash between the mail server's yes and our note of it sends it again,
 * then with the same `X-Email-Id`.
 *
 * @throws Refusal `denied` or `invalid` when the platform will never take this mail; LaneError when it may later
 */
export async function sendEmail(email: Email, call: EmailCall): Promise<JsonObject & Outcome> {
  const email_id = emailId(call.caller, email.idempotencyKey);
  const key = email.idempotencyKey === undefined ? undefined : `email:${email_id}`;
  if (key && (await call.client.storage.get(key)) !== undefined) {
    return { status: "skipped", email_id, reason: "already_sent" };
  }
  await deliver(email, email_id, call);
  if (key) await call.client.storage.put(key, { sent_at: new Date().toISOString() });
  await tellSent(email_id, email.to, call);
  return { status: "sent", email_id };
}

async function deliver({ to, subject, text, html }: Email, id: string, call: EmailCall): Promise<void> {
  const { mail_url: server, from_address: from } = call.config;
  const headers = { "X-Email-Id": id };
  const mail = { server, from, to: [to], subject, text, headers, ...(html === undefined ? {} : { html }) };
  try {
    await call.client.sendMail(mail);
  } catch (error) {
    if (error instanceof LaneError && error.executed) return; // sent; only the server's answer is withheld
    await tellFailed(id, { recipient: to, reason: error instanceof LaneError ? error.code : "internal" }, call);
    throw refusalOf(error);
  }
}

function refusalOf(error: unknown): unknown {
  if (error instanceof DeniedError) return new Refusal("denied", "the platform does not let this mail out");
  if (error instanceof InvalidError) return new Refusal("invalid", "the platform does not take this mail");
  return error;
}
