import { once } from "node:events";
import { connect } from "node:net";
import { type JsonObject, MailBody } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import { createTransport } from "nodemailer";
import { Check } from "typebox/value";
import type { EgressTarget } from "../../../snapshot/grants.ts";
import type { Answer } from "../http/send-http.ts";
import { mailViolations } from "./accept-mail.ts";
import { type Mailbox, parseMailbox } from "./mail-address.ts";

/** A mail to be sent, judged, and the server to hand it to. */
export type MailRequest = {
  readonly target: EgressTarget;
  readonly address: string;
  readonly payload: JsonObject;
  /** Without TLS; only ever true for a grant that says so, in dev mode. */
  readonly insecurePlaintext: boolean;
};

export type SendMailDeps = { readonly egressTimeoutMs: number; readonly upstreamCa?: string[] };

/**
 * Hands one mail to the SMTP server at the judged address: TLS from the start (`smtps`), or STARTTLS before anything
 * else is said (`smtp`), with a certificate for the host that was granted.
 *
 * @throws VivifiedError `denied` 403 (policy took away what a mail cannot be sent without), `upstream_failed` 502,
 *   `upstream_timeout` 504
 */
export async function sendMail(request: MailRequest, deps: SendMailDeps): Promise<Answer> {
  const message = messageOf(request.payload);
  const late = AbortSignal.timeout(deps.egressTimeoutMs);
  const connection = connect({ host: request.address, port: request.target.port, signal: late });
  connection.on("error", () => undefined); // told by the promises below; this one is for the moments between them
  try {
    await once(connection, "connect", { signal: late });
    const transport = createTransport({ ...transportOptions(request, message.from, deps), connection });
    const { response, messageId, accepted, rejected } = await transport.sendMail(message);
    const body = { message_id: messageId, accepted: accepted.map(String), rejected: rejected.map(String) };
    return { status: Number.parseInt(response, 10) || 250, bytes: 0, payload: { headers: {}, body } };
  } catch (error) {
    throw failure(error, late);
  } finally {
    connection.destroy();
  }
}

function transportOptions({ target, insecurePlaintext }: MailRequest, from: Mailbox, deps: SendMailDeps) {
  const secure = target.scheme === "smtps";
  return {
    host: target.host,
    port: target.port,
    secure,
    requireTLS: !secure && !insecurePlaintext,
    ignoreTLS: insecurePlaintext,
    name: from.address.slice(from.address.indexOf("@") + 1),
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: deps.egressTimeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    tls: {
      servername: target.host,
      minVersion: "TLSv1.2" as const,
      ...(deps.upstreamCa === undefined ? {} : { ca: deps.upstreamCa }),
    },
  };
}

/** Everything as values, nothing as text that nodemailer would parse again; the envelope says the same as the headers. */
function messageOf(payload: JsonObject) {
  const mail: unknown = payload;
  if (!Check(MailBody, mail) || mailViolations(mail).length > 0) {
    throw new VivifiedError("denied", { detail: "policy took away what this mail cannot be sent without" });
  }
  const [from] = mailboxes([mail.from]);
  if (from === undefined) throw new VivifiedError("denied");
  const [to, cc, bcc] = [mailboxes(mail.to), mailboxes(mail.cc ?? []), mailboxes(mail.bcc ?? [])];
  return {
    from,
    to,
    cc,
    subject: mail.subject,
    ...textsOf(mail),
    headers: Object.entries(mail.headers ?? {}).map(([key, value]) => ({ key, value })),
    xMailer: false as const,
    envelope: { from: from.address, to: [...to, ...cc, ...bcc].map(({ address }) => address) },
  };
}

function textsOf({ text, html }: MailBody): { text?: string; html?: string } {
  return { ...(text === undefined ? {} : { text }), ...(html === undefined ? {} : { html }) };
}

function mailboxes(texts: readonly string[]): Mailbox[] {
  return texts.flatMap((text) => parseMailbox(text) ?? []);
}

function failure(error: unknown, late: AbortSignal): VivifiedError {
  const cause = unquoted(error);
  if (late.aborted || codeOf(error) === "ETIMEDOUT") return new VivifiedError("upstream_timeout", { cause });
  const status = isSmtpError(error) ? { extra: { upstream_status: error.responseCode } } : {};
  return new VivifiedError("upstream_failed", { ...status, cause });
}

/** Failures of the connection, which nodemailer tells without the mail unless the server answered something. */
const ofConnection: ReadonlySet<unknown> = new Set(["ESOCKET", "ECONNECTION", "ECONNREFUSED", "ETLS"]);

/** What a server or nodemailer says of a mail names the people in it, and causes are logged: its code is enough. */
function unquoted(error: unknown): unknown {
  const answered = error instanceof Error && "response" in error;
  if (ofConnection.has(codeOf(error)) && !answered) return error;
  return new Error(`the mail was not taken (${String(codeOf(error) ?? "no code")})`);
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function isSmtpError(error: unknown): error is Error & { readonly responseCode: number } {
  return error instanceof Error && "responseCode" in error && typeof error.responseCode === "number";
}
