import { Refusal } from "@vivified/sdk";

export type Content = { readonly subject: string; readonly text: string; readonly html?: string };
export type Variables = Readonly<Record<string, string>>;

type Template = { readonly subject: string; readonly paragraphs: readonly string[] };

/** `{name}` stands for a variable. Paragraphs are plain text; the HTML is made of them. */
const templates = {
  welcome: {
    subject: "Welcome, {name}",
    paragraphs: ["Hello {name},", "your account is ready. We are glad that you are here."],
  },
  password_reset: {
    subject: "Reset your password",
    paragraphs: [
      "Hello {name},",
      "somebody asked to reset your password. If it was you, open {reset_url}",
      "If it was not, there is nothing to do: the link ends by itself.",
    ],
  },
  security_alert: {
    subject: "Security alert: {alert}",
    paragraphs: [
      "Hello {name},",
      "we noticed: {alert}",
      "If this was you, there is nothing to do. If not, tell your administrator.",
    ],
  },
} as const satisfies Record<string, Template>;
export type TemplateName = keyof typeof templates;

export function isTemplateName(name: string): name is TemplateName {
  return Object.hasOwn(templates, name);
}

/**
 * Fills a template. Values are taken literally: what looks like a placeholder in a value stays as it is, and in the HTML
 * they are escaped.
 *
 * @throws Refusal `invalid` naming every variable that is missing or unknown
 */
export function fillTemplate(name: TemplateName, variables: Variables): Content {
  const { subject, paragraphs }: Template = templates[name];
  checkVariables([subject, ...paragraphs], variables);
  const html = paragraphs.map((paragraph) => `<p>${fill(escapeHtml(paragraph), variables, escapeHtml)}</p>`);
  const text = paragraphs.map((paragraph) => fill(paragraph, variables, (value) => value));
  return { subject: fill(subject, variables, onOneLine), text: `${text.join("\n\n")}\n`, html: html.join("\n") };
}

function checkVariables(texts: readonly string[], variables: Variables): void {
  const wanted = new Set(texts.flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name)));
  const missing = [...wanted]
    .filter((name) => !Object.hasOwn(variables, name))
    .map((name) => `/variables/${name}: must be given`);
  const hasUnknown = Object.keys(variables).some((name) => !wanted.has(name));
  const unknown = hasUnknown ? ["/variables: holds one that the template does not have"] : [];
  if (missing.length + unknown.length > 0) throw new Refusal("invalid", [...missing, ...unknown].join("; "));
}

function fill(text: string, variables: Variables, encode: (value: string) => string): string {
  return text.replaceAll(/\{(\w+)\}/g, (_placeholder, name: string) => encode(variables[name] ?? ""));
}

/** Nothing that a value holds may end a header line. */
function onOneLine(value: string): string {
  return value.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ");
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
