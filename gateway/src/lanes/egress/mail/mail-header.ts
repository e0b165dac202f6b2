/**
 * The headers that a mail may carry of its own: conversation and list headers, and `X-` ones that do not speak for the
 * platform. Everything that says who sends what to whom, or how it is built, is the gateway's to write.
 */
const allowed = new Set([
  "auto-submitted",
  "importance",
  "in-reply-to",
  "list-help",
  "list-id",
  "list-unsubscribe",
  "list-unsubscribe-post",
  "precedence",
  "priority",
  "references",
]);
const platformPrefixes = ["x-vivified-", "x-proxy-", "x-originating-", "x-forwarded-", "x-spam", "x-virus"];

/** Whether a header of this name and value may be put into a mail; a value that could begin another header may not. */
export function allowedMailHeader(name: string, value: string): boolean {
  const lower = name.toLowerCase();
  if (!/^[a-z0-9-]{1,76}$/.test(lower) || value.length > 998 || /[\p{Cc}\u2028\u2029]/u.test(value)) return false;
  return allowed.has(lower) || (lower.startsWith("x-") && !platformPrefixes.some((prefix) => lower.startsWith(prefix)));
}
