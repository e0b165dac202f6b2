import { readFile } from "node:fs/promises";
import { type Clock, type Secret, VivifiedError } from "@vivified/runtime";
import { Agent } from "undici";
import type { AlertChannel } from "../alert-channel.ts";
import { mailChannel } from "./mail-channel.ts";
import { webhookKey } from "./sign-webhook.ts";
import { webhookChannel } from "./webhook-channel.ts";

export type ChannelSettings = {
  readonly alertMailUrl?: string;
  readonly alertMailFrom?: string;
  readonly alertMailTo: readonly string[];
  readonly alertMailUser?: string;
  readonly alertMailPassword?: Secret;
  readonly alertMailCaFile?: string;
  readonly alertWebhookUrl?: string;
  readonly alertWebhookSecret?: Secret;
  readonly alertWebhookCaFile?: string;
  readonly insecureAlertChannels: boolean;
};
type Surroundings = { readonly clock: Clock; readonly stack: AsyncDisposableStack };

const timeoutMs = 15_000;
/** One plain mailbox: no display name, no list, nothing that a header could be read into. */
const mailbox = /^[^\s@<>,;:"()[\]\\]{1,64}@[A-Za-z0-9.-]{1,189}$/;

/** The channels that are configured. @throws VivifiedError `invalid_config` for one that is only half so */
export async function openChannels(settings: ChannelSettings, around: Surroundings): Promise<readonly AlertChannel[]> {
  return [...(await openMail(settings)), ...(await openWebhook(settings, around))];
}

async function openMail(settings: ChannelSettings): Promise<readonly AlertChannel[]> {
  const { alertMailUrl, alertMailFrom: from, alertMailTo: to, insecureAlertChannels: insecurePlaintext } = settings;
  if (alertMailUrl === undefined) return [];
  const url = urlOf(alertMailUrl, "ALERT_MAIL_URL", ["smtp:", "smtps:"]);
  if (from === undefined || !mailbox.test(from)) throw invalid("ALERT_MAIL_FROM", "it has to be one address");
  if (to.length === 0 || !to.every((one) => mailbox.test(one))) throw invalid("ALERT_MAIL_TO", "it lists addresses");
  const ca = await caOf(settings.alertMailCaFile);
  return [mailChannel({ url, from, to, insecurePlaintext, ...ca, ...loginOf(settings) })];
}

function loginOf({ alertMailUser: user, alertMailPassword: password }: ChannelSettings) {
  if ((user === undefined) !== (password === undefined)) throw invalid("ALERT_MAIL_USER", "it goes with a password");
  return user === undefined || password === undefined ? {} : { login: { user, pass: password.reveal() } };
}

async function openWebhook(
  settings: ChannelSettings,
  { clock, stack }: Surroundings,
): Promise<readonly AlertChannel[]> {
  const { alertWebhookUrl, alertWebhookSecret: secret, insecureAlertChannels } = settings;
  if (alertWebhookUrl === undefined) return [];
  const schemes = insecureAlertChannels ? ["https:", "http:"] : ["https:"];
  const url = urlOf(alertWebhookUrl, "ALERT_WEBHOOK_URL", schemes);
  const key = secret && webhookKey(secret.reveal());
  if (key === undefined) throw invalid("ALERT_WEBHOOK_SECRET", "it has to be whsec_ and 24 to 64 bytes in base64");
  const connect = { ...(await caOf(settings.alertWebhookCaFile)), timeout: timeoutMs };
  const dispatcher = new Agent({ connections: 1, connect });
  stack.defer(() => dispatcher.destroy());
  return [webhookChannel({ url, key, dispatcher, timeoutMs, clock })];
}

async function caOf(file: string | undefined): Promise<{ ca?: string }> {
  return file === undefined ? {} : { ca: await readFile(file, "utf8") };
}

function urlOf(text: string, name: string, schemes: readonly string[]): URL {
  const url = URL.parse(text);
  if (url === null || !schemes.includes(url.protocol))
    throw invalid(name, `it begins with ${schemes.join("// or ")}//`);
  if (url.username !== "" || url.password !== "") throw invalid(name, "credentials have settings of their own");
  return url;
}

function invalid(name: string, why: string): VivifiedError {
  return new VivifiedError("invalid_config", { detail: `${name}: ${why}` });
}
