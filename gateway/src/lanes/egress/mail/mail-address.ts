import { domainToASCII } from "node:url";

/** One mailbox (RFC 5322 §3.4): its address, and the name people read. */
export type Mailbox = { readonly name: string; readonly address: string };

/** RFC 5322 §3.2.3 but for `*`, so that an address which policy masked is no address. */
const localPart = /^[A-Za-z0-9!#$%&'+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'+/=?^_`{|}~-]+)*$/;
const named = /^(?:"([^"\\<>]*)"|([^"\\<>,;:@]*))\s*<([^<>\s]+)>$/;

/**
 * Reads `user@host` or `Name <user@host>`, or returns undefined. One mailbox and no more: lists, groups, quoted local
 * parts, routes and control characters are not read, so a recipient that policy did not see cannot hide in a text.
 */
export function parseMailbox(text: string): Mailbox | undefined {
  if (/[\p{Cc}\u2028\u2029]/u.test(text)) return undefined;
  const [, quoted, plain, inBrackets] = named.exec(text) ?? [];
  const address = parseAddress(inBrackets ?? text);
  return address === undefined ? undefined : { name: (quoted ?? plain ?? "").trim(), address };
}

function parseAddress(text: string): string | undefined {
  const [local = "", domain = "", ...more] = text.split("@");
  const ascii = domainToASCII(domain);
  const wellFormed = localPart.test(local) && local.length <= 64 && /^[a-z0-9.-]+\.[a-z0-9-]+$/.test(ascii);
  return more.length === 0 && wellFormed && !/^\.|\.\.|^[0-9.]+$/.test(ascii) ? `${local}@${ascii}` : undefined;
}
