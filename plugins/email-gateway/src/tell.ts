import { errorFields } from "@vivified/sdk";
import type { EmailCall } from "./send-email.ts";

/** Counts and publishes a mail that went out. */
export async function tellSent(email_id: string, recipient: string, call: EmailCall): Promise<void> {
  call.metrics.counter("emails_sent_count", "Mails that a mail server accepted").add();
  const payload = { email_id, recipient, sent_at: new Date().toISOString() };
  await publish({ type: "EmailSent", payload }, call);
}

/** Counts and publishes a mail that did not go out. */
export async function tellFailed(
  email_id: string,
  { recipient, reason }: { readonly recipient: string; readonly reason: string },
  call: EmailCall,
): Promise<void> {
  call.metrics.counter("emails_failed_count", "Mails that did not go out").add();
  await publish({ type: "EmailFailed", payload: { email_id, recipient, reason } }, call);
}

/** What happened to the mail stays true when it cannot be told: the failure is logged, and the caller gets its answer. */
async function publish(
  event: { readonly type: string; readonly payload: Readonly<Record<string, string>> },
  { client, log }: EmailCall,
): Promise<void> {
  try {
    await client.publishEvent({ ...event, traits: ["pii"] });
  } catch (error) {
    log.warn("an event was not published", { event_type: event.type, ...errorFields(error) });
  }
}
