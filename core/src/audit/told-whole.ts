import { createHash } from "node:crypto";
import { canonicalJson } from "@vivified/contracts";

/** A label has this many characters at most; 500 grants of usual size fit. */
const mostCharacters = 128 * 1024;

/**
 * What was put in force as a label of a record, so that the trail alone tells what was in force: its canonical JSON. What
 * is larger than a label may be is told by hex SHA-256 of that, as `<name>_sha256`. Not for secrets.
 */
export function toldWhole(name: string, value: unknown): { readonly [label: string]: string } {
  const text = canonicalJson(value);
  if (text.length <= mostCharacters) return { [name]: text };
  return { [`${name}_sha256`]: createHash("sha256").update(text).digest("hex") };
}
