import { type JsonObject, stringSettings, urlOf } from "@vivified/sdk";
import { isEmailAddress } from "./email-address.ts";

export type EmailGatewayConfig = {
  /** The mail server, `smtp://host:port` or `smtps://host:port`. */
  readonly mail_url: string;
  /** Whom mails come from. */
  readonly from_address: string;
};

/** @throws StartError naming every fault */
export function readConfig(settings: JsonObject): EmailGatewayConfig {
  return stringSettings(settings, {
    mail_url: { check: urlOf("smtp:", "smtps:") },
    from_address: { check: (value) => (isEmailAddress(value) ? undefined : "must be an e-mail address") },
  });
}
