import { VivifiedError } from "@vivified/runtime";

/** Headers that a plugin may name and that never leave: hop by hop, credentials, routing, and what the gateway says itself. */
const withheld = new Set([
  "connection",
  "content-length",
  "content-encoding",
  "content-type",
  "expect",
  "host",
  "http2-settings",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "authorization",
  "cookie",
  "cookie2",
  "set-cookie",
  "api-key",
  "x-api-key",
  "x-auth-token",
  "x-csrf-token",
  "x-xsrf-token",
  "accept-encoding",
  "baggage",
  "cf-connecting-ip",
  "client-ip",
  "forwarded",
  "traceparent",
  "tracestate",
  "true-client-ip",
  "user-agent",
  "via",
  "x-caller-plugin",
  "x-client-ip",
  "x-cluster-client-ip",
  "x-decision-id",
  "x-host",
  "x-http-host-override",
  "x-http-method",
  "x-http-method-override",
  "x-method-override",
  "x-original-host",
  "x-original-url",
  "x-plugin-id",
  "x-proxy-plugin",
  "x-real-ip",
  "x-rewrite-url",
  "x-trace-id",
]);
const withheldPrefixes = ["proxy-", "sec-", "x-forwarded-", "x-envoy-", "x-vivified-", "x-amz-security-"];

/**
 * The headers of a request that may leave, in lower case. Headers that name credentials, the path back or another
 * method or host than the one that was granted are left out, as are those that `Connection` nominates (RFC 9110 §7.6.1).
 *
 * @throws VivifiedError `malformed` 400: not a header name or value (RFC 9110 §5), or the same name twice.
 */
export function outgoingHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const given = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      throw new VivifiedError("malformed", { detail: "a header is malformed" });
    }
    if (given.has(name.toLowerCase())) throw new VivifiedError("malformed", { detail: "a header is named twice" });
    given.set(name.toLowerCase(), value.trim());
  }
  const nominated = new Set((given.get("connection") ?? "").toLowerCase().split(/\s*,\s*/));
  return Object.fromEntries([...given].filter(([name]) => !nominated.has(name) && mayLeave(name)));
}

function mayLeave(name: string): boolean {
  return !withheld.has(name) && !withheldPrefixes.some((prefix) => name.startsWith(prefix));
}
