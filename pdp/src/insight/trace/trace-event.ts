import type { JsonValue } from "@vivified/contracts";

/** Where something stands in the Rego: path in the bundle, row and column from 1. */
export type Place = { readonly file: string; readonly row: number; readonly col: number };

/** A term as OPA prints its syntax tree. `call`s and `ref`s hold terms, an `object` pairs of them. */
export type AstTerm = { readonly type: string; readonly value?: unknown };

/** A rule that was entered, compiled: calls and references are taken out of its conditions into locals. */
export type TracedNode = {
  readonly head?: { readonly name?: string; readonly key?: AstTerm };
  readonly index?: number;
  readonly annotations?: readonly { readonly title?: string; readonly custom?: { readonly id?: string } }[];
};

/** One event of `opa eval --explain full --format json`. */
export type TraceEvent = {
  readonly Op: string;
  readonly Node: TracedNode;
  readonly Location: Place | null;
  readonly QueryID: number;
  readonly ParentID: number;
  readonly Locals: readonly ({ readonly name: string } & AstTerm)[] | null;
  /** What a local was called, or stands for, in the source. */
  readonly LocalMetadata: {
    readonly [local: string]: { readonly name: string; readonly location: Place | null };
  } | null;
};

/** The value of a term; variables by what they are bound to. A set comes as a list, what has no value as undefined. */
export function valueOfTerm(term: AstTerm, locals: TraceEvent["Locals"] = null): JsonValue | undefined {
  const { type, value } = term;
  if (type === "var") return locals?.flatMap((local) => (local.name === value ? [valueOfTerm(local)] : []))[0];
  if (type === "array" || type === "set") return (value as AstTerm[]).map((item) => valueOfTerm(item, locals) ?? null);
  if (type === "object") return objectOf(value as [AstTerm, AstTerm][], locals);
  if (type === "null") return null;
  return ["string", "number", "boolean"].includes(type) ? (value as JsonValue) : undefined;
}

function objectOf(pairs: readonly (readonly [AstTerm, AstTerm])[], locals: TraceEvent["Locals"]): JsonValue {
  const entries = pairs.map(([key, item]) => [keyOf(valueOfTerm(key, locals)), valueOfTerm(item, locals) ?? null]);
  return Object.fromEntries(entries);
}

const keyOf = (key: JsonValue | undefined): string => (typeof key === "string" ? key : JSON.stringify(key));
