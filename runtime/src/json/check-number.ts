/**
 * True when a double holds a JSON number: finite, not rounded to zero, and, when it is written as an integer, within
 * ±(2^53 − 1) (RFC 8259 §6, RFC 7493 §2.2). Fractions may be rounded: that is what a double is.
 */
export function checkNumber(raw: string): boolean {
  const value = Number(raw);
  if (!Number.isFinite(value)) return false;
  if (/^-?\d+$/.test(raw)) return Number.isSafeInteger(value);
  return value !== 0 || !/[1-9]/.test(raw.split(/[eE]/, 1)[0] ?? "");
}
