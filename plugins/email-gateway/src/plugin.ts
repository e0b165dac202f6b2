import type { PluginDefinition } from "@vivified/sdk";
import manifest from "../manifest.json" with { type: "json" };
import { type EmailGatewayConfig, readConfig } from "./config.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import type { Email } from "./read-email.ts";
import { readEmail, readMessage } from "./read-email.ts";
import { type EmailCall, sendEmail } from "./send-email.ts";

/** Sends mail for other plugins. It has no inbox yet: nothing is ever received. */
export function emailGateway(): PluginDefinition<EmailGatewayConfig> {
  const inTurn = oneAtATime();
  const send = (email: Email, call: EmailCall) => {
    if (email.idempotencyKey === undefined) return sendEmail(email, call);
    return inTurn(JSON.stringify([call.caller, email.idempotencyKey]), () => sendEmail(email, call));
  };
  return {
    manifest,
    config: readConfig,
    operations: {
      send_email: async (payload, call) => send(readEmail(payload), call),
      send_message: async (payload, call) => send(readMessage(payload), call),
      receive_messages: async () => ({ messages: [] }),
    },
  };
}
