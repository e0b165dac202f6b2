import type { JsonObject } from "@vivified/contracts";
import { type CheckValue, compileForeignSchema, type SchemaFault } from "@vivified/runtime";

/** Checks payloads against declared schemas, each compiled once, at its first use. */
export type SchemaChecks = (payload: JsonObject, schema: JsonObject | undefined) => readonly SchemaFault[];

export function schemaChecks(): SchemaChecks {
  const compiled = new WeakMap<JsonObject, CheckValue>();
  return (payload, schema) => {
    if (schema === undefined) return [];
    const check = compiled.get(schema) ?? compileForeignSchema(schema);
    compiled.set(schema, check);
    return check(payload);
  };
}
