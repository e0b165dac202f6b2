import { canonicalJson, type JsonObject, type JsonValue } from "@vivified/contracts";

const mostFields = 40;

/**
 * A question that the interpreter can tell step by step. Its account of `fields` grows with the square of their number
 * (100 fields are 115 MB), so of many one of each kind stays, and each that a rule names by its path.
 */
export function fitForTrace(input: JsonObject, rego: Iterable<string>): JsonObject {
  const { fields } = input;
  if (!Array.isArray(fields) || fields.length <= mostFields) return input;
  const sources = [...rego];
  const named = fields.filter((field) => sources.some((text) => text.includes(`"${pathOf(field)}"`)));
  const kinds = new Map(fields.map((field: JsonValue) => [kindOf(field), field]));
  const kept = new Set([...named, ...kinds.values()].slice(0, mostFields));
  return { ...input, fields: fields.filter((field) => kept.has(field)) };
}

const memberOf = (field: JsonValue, name: string): JsonValue => (field as JsonObject)[name] ?? null;
const pathOf = (field: JsonValue): string => String(memberOf(field, "path"));
const kindOf = (field: JsonValue): string => canonicalJson([memberOf(field, "type"), memberOf(field, "traits")]);
