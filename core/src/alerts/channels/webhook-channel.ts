import type { Clock } from "@vivified/runtime";
import { type Dispatcher, request } from "undici";
import { type AlertChannel, AlertNotTaken } from "../alert-channel.ts";
import { signWebhook } from "./sign-webhook.ts";

export type WebhookChannelOptions = {
  /** From the configuration alone: nobody can make core call anything else. */
  readonly url: URL;
  readonly key: Buffer;
  readonly dispatcher: Dispatcher;
  /** For the whole answer. */
  readonly timeoutMs: number;
  readonly clock: Clock;
};

/**
 * POSTs a notice, signed. Any 2xx takes it; a redirect is not followed, and no more of an answer is read than its status.
 * The id stays the same at every attempt, so that a receiver can tell what it has already.
 */
export function webhookChannel({ url, key, dispatcher, timeoutMs, clock }: WebhookChannelOptions): AlertChannel {
  return {
    name: "webhook",
    send: async ({ noticeId: id, notice }) => {
      const body = JSON.stringify(notice);
      const headers = { "content-type": "application/json", ...signWebhook({ id, body }, clock.now(), key) };
      const signal = AbortSignal.timeout(timeoutMs);
      const status = await post(url, { method: "POST", dispatcher, headers, body, signal });
      if (status < 200 || status >= 300) throw new AlertNotTaken(`http_${status}`);
    },
  };
}

async function post(url: URL, options: Parameters<typeof request>[1]): Promise<number> {
  try {
    const answer = await request(url, options);
    answer.body.on("error", () => undefined).destroy();
    return answer.statusCode;
  } catch (cause) {
    throw new AlertNotTaken(cause instanceof Error && cause.name === "TimeoutError" ? "timeout" : "unreachable", cause);
  }
}
