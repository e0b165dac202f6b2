import { createTransport } from "nodemailer";
import { type AlertChannel, AlertNotTaken } from "../alert-channel.ts";
import { mailText } from "./mail-text.ts";

export type MailChannelOptions = {
  /** `smtps://host:port` (TLS from the start) or `smtp://host:port` (STARTTLS before anything else is said). */
  readonly url: URL;
  readonly from: string;
  readonly to: readonly string[];
  readonly login?: { readonly user: string; readonly pass: string };
  readonly ca?: string;
  readonly insecurePlaintext: boolean;
};

/** Hands a notice to the operator's mail server. Its message id stays the same at every attempt. */
export function mailChannel(options: MailChannelOptions): AlertChannel {
  const { from, to } = options;
  const transport = createTransport(transportOptions(options));
  return {
    name: "mail",
    send: async ({ noticeId, notice }) => {
      const messageId = `<${noticeId}@${from.slice(from.lastIndexOf("@") + 1)}>`;
      const mail = { from, to: [...to], ...mailText(notice), messageId, xMailer: false as const };
      const { rejected } = await transport.sendMail(mail).catch((cause: unknown) => {
        throw new AlertNotTaken(smtpCode(cause), cause);
      });
      if (rejected.length > 0) throw new AlertNotTaken("recipient_refused");
    },
  };
}

function transportOptions({ url, login, ca, insecurePlaintext }: MailChannelOptions) {
  const secure = url.protocol === "smtps:";
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return {
    host,
    port: Number(url.port) || (secure ? 465 : 587),
    secure,
    requireTLS: !secure && !insecurePlaintext,
    ignoreTLS: insecurePlaintext,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 20_000,
    disableFileAccess: true,
    disableUrlAccess: true,
    tls: { minVersion: "TLSv1.2" as const, ...(ca !== undefined && { ca }) },
    ...(login !== undefined && { auth: { ...login } }),
  };
}

function smtpCode(cause: unknown): string {
  if (!(cause instanceof Error)) return "failed";
  if ("responseCode" in cause && typeof cause.responseCode === "number") return `smtp_${cause.responseCode}`;
  return "code" in cause ? String(cause.code) : "failed";
}
