import { canonicalJson, type JsonValue, type ObligationAction } from "@vivified/contracts";
import type { FieldKeys } from "./field-keys.ts";
import { maskText } from "./mask-text.ts";

/** What stands for a field that is taken out. */
export const removed = Symbol("removed");

/** The action does not fit the value: it could not be changed without guessing. */
export class UnchangeableField extends Error {
  readonly path: string;
  constructor(path: string) {
    super("the obligation does not fit the value");
    this.path = path;
  }
}

type At = { readonly keys: FieldKeys; readonly path: string };
type Change = (value: JsonValue, at: At) => JsonValue | typeof removed;

const changes: { readonly [action in ObligationAction]: Change } = {
  keep: (value) => value,
  remove: () => removed,
  redact: () => "REDACTED",
  mask: (value, at) => (value === null ? null : maskText(textOf(value, at))),
  hash: (value, at) => at.keys.hash(typeof value === "string" ? value : canonicalJson(value)),
  tokenize: (value, at) => (value === null ? null : at.keys.token(textOf(value, at))),
  generalize: (value, at) => (value === null ? null : generalized(textOf(value, at), at)),
};

/** Changes one value. @throws UnchangeableField when the action does not fit it. */
export function changeField(value: JsonValue, action: ObligationAction, at: At): JsonValue | typeof removed {
  return changes[action](value, at);
}

/** Strings and numbers have a text that can be changed; anything else does not. */
function textOf(value: JsonValue, at: At): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  throw new UnchangeableField(at.path);
}

/** Dates (RFC 3339) to their year, ZIP codes to three digits (45 CFR 164.514(b)(2)(i)). */
function generalized(text: string, at: At): string {
  const [, year] = /^(\d{4})(?:-\d{2}(?:-\d{2}(?:[Tt ].*)?)?)?$/.exec(text) ?? [];
  if (year !== undefined) return year;
  const [, zip] = /^(\d{3})\d{2}(?:-?\d{4})?$/.exec(text) ?? [];
  if (zip !== undefined) return zip;
  throw new UnchangeableField(at.path);
}
