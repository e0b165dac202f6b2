/** Deeper than any question is, and no depth for a parser. */
const maxDepth = 32;

/**
 * Whether a value is what both engines read the same way: text without lone surrogates and U+0000, numbers that JSON and a double
 * keep as they are, and no deeper than 32 levels. It is what JSON would make of it that counts, so absent members may be.
 */
export function isAskable(value: unknown, depth = 0): boolean {
  if (typeof value === "string") return isText(value);
  if (typeof value === "number") return Number.isSafeInteger(value) || isFraction(value);
  if (typeof value !== "object" || value === null) return true;
  if (depth === maxDepth) return false;
  if (Array.isArray(value)) return value.every((item) => isAskable(item, depth + 1));
  return Object.entries(value).every(([name, item]) => isText(name) && isAskable(item, depth + 1));
}

/** U+0000 ends a text in C. */
const isText = (text: string): boolean => text.isWellFormed() && !text.includes("\0");

const isFraction = (value: number): boolean => Number.isFinite(value) && !Number.isInteger(value);
