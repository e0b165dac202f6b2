import canonicalize from "canonicalize";

/**
 * The canonical text of a JSON value (RFC 8785): keys sorted by UTF-16 code unit, ECMAScript numbers, no white space.
 * Two equal values have the same text, so it is what hashes, signatures and cache keys are made from.
 *
 * @throws TypeError when the value is not JSON (undefined, a function, NaN, a bigint).
 */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("not a JSON value");
  return text;
}
