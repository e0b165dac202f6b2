import { type JsonObject, type JsonValue, MailBody } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import { Check, Errors } from "typebox/value";
import { parseMailbox } from "./mail-address.ts";
import { allowedMailHeader } from "./mail-header.ts";

type Violation = { readonly pointer: string; readonly message: string; readonly fix?: string };

/**
 * Checks a mail: its shape, that every address is one mailbox, that no header can be smuggled in, that it says something.
 *
 * @throws VivifiedError `invalid` 422 with every violation
 */
export function acceptMail(body: JsonValue | undefined): MailBody & JsonObject {
  const violations = Check(MailBody, body) ? mailViolations(body) : shapeViolations(body);
  if (violations.length > 0 || !Check(MailBody, body)) throw new VivifiedError("invalid", { extra: { violations } });
  return body as MailBody & JsonObject;
}

/** What is wrong with a mail whose shape is right; asked again after policy changed it. */
export function mailViolations(mail: MailBody): readonly Violation[] {
  const said = mail.text !== undefined || mail.html !== undefined;
  return [
    ...(["to", "cc", "bcc"] as const).flatMap((list) =>
      (mail[list] ?? []).flatMap((text, at) => addressViolation(text, `/body/${list}/${at}`)),
    ),
    ...addressViolation(mail.from, "/body/from"),
    ...(/[\p{Cc}\u2028\u2029]/u.test(mail.subject) ? [{ pointer: "/body/subject", message: "must be one line" }] : []),
    ...Object.entries(mail.headers ?? {}).flatMap(([name, value]) => headerViolation(name, value)),
    ...(said ? [] : [{ pointer: "/body", message: "must have text or html" }]),
  ];
}

function addressViolation(text: string, pointer: string): readonly Violation[] {
  if (parseMailbox(text) !== undefined) return [];
  return [{ pointer, message: "must be one mailbox", fix: "write user@host or Name <user@host>" }];
}

function headerViolation(name: string, value: string): readonly Violation[] {
  if (allowedMailHeader(name, value)) return [];
  const pointer = `/body/headers/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
  return [{ pointer, message: "may not be set", fix: "leave it out; conversation, list and X- headers may be set" }];
}

function shapeViolations(body: JsonValue | undefined): readonly Violation[] {
  return Errors(MailBody, body).map(({ instancePath, message }) => ({ pointer: `/body${instancePath}`, message }));
}
