import { isJsonObject, type JsonObject, type JsonValue, Refusal } from "@vivified/sdk";
import { isEmailAddress } from "./email-address.ts";
import { type Content, fillTemplate, isTemplateName, type Variables } from "./templates.ts";

/** A mail that can be sent as it is. */
export type Email = Content & { readonly to: string; readonly idempotencyKey: string | undefined };

/** `{to, subject, body, html?}` or `{to, template, variables}`. @throws Refusal `invalid`, naming fields, never values */
export function readEmail(payload: JsonObject): Email {
  const { to, idempotency_key } = payload;
  if (typeof to !== "string" || !isEmailAddress(to)) throw new Refusal("invalid", "/to: must be one e-mail address");
  const content = payload.template === undefined ? readContent(payload) : readTemplated(payload);
  return { ...content, to, idempotencyKey: optionalText(idempotency_key, "idempotency_key") };
}

/** The contract's `{recipient, text, subject?}`. @throws Refusal `invalid` */
export function readMessage({ recipient, text, subject, idempotency_key }: JsonObject): Email {
  if (typeof recipient !== "string" || !isEmailAddress(recipient)) {
    throw new Refusal("invalid", "/recipient: must be one e-mail address");
  }
  const content = readContent({ subject: subject ?? "A message for you", body: text ?? null });
  return { ...content, to: recipient, idempotencyKey: optionalText(idempotency_key, "idempotency_key") };
}

function readContent({ subject, body, html }: JsonObject): Content {
  if (typeof subject !== "string" || subject === "" || /\p{Cc}/u.test(subject)) {
    throw new Refusal("invalid", "/subject: must be one line of text");
  }
  if (typeof body !== "string" || body === "") throw new Refusal("invalid", "/body: must be given");
  const rich = optionalText(html, "html");
  return { subject, text: body, ...(rich === undefined ? {} : { html: rich }) };
}

function readTemplated({ template, variables, subject, body, html }: JsonObject): Content {
  if (typeof template !== "string" || !isTemplateName(template)) {
    throw new Refusal("invalid", "/template: must be welcome, password_reset or security_alert");
  }
  if (subject !== undefined || body !== undefined || html !== undefined) {
    throw new Refusal("invalid", "/template: goes without subject, body and html");
  }
  return fillTemplate(template, readVariables(variables));
}

function readVariables(value: JsonValue | undefined): Variables {
  const entries = isJsonObject(value) ? Object.entries(value) : [];
  if (entries.some(([, text]) => typeof text !== "string")) throw new Refusal("invalid", "/variables: must be strings");
  return Object.fromEntries(entries.map(([name, text]) => [name, String(text)]));
}

function optionalText(value: JsonValue | undefined, field: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "string" || value === "") throw new Refusal("invalid", `/${field}: must be text`);
  return value;
}
