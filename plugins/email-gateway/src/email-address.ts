const local = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const label = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

/**
 * One plain mailbox (RFC 5321 §4.1.2): a dot-string, `@`, a domain of at least two labels. No display name, quoted
 * string, comment, list, address literal or bare Unicode (write the domain in its `xn--` form): what cannot be read in
 * two ways cannot carry a header or a second recipient either.
 */
export function isEmailAddress(text: string): boolean {
  const at = text.lastIndexOf("@");
  const name = text.slice(0, at);
  const labels = text.slice(at + 1).split(".");
  if (at < 1 || text.length > 254 || name.length > 64 || labels.length < 2) return false;
  return local.test(name) && labels.every((part) => label.test(part)) && !/^\d+$/.test(labels.at(-1) ?? "");
}
