import type { JsonObject, Problem } from "@vivified/contracts";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

type Violations = NonNullable<Problem["violations"]>;

/** Checks payloads against declared schemas (draft 2020-12), each compiled once, at its first use. */
export type SchemaChecks = (payload: JsonObject, schema: JsonObject | undefined) => Violations;

/** Nothing is coerced, dropped or filled in. @throws Error for a schema that cannot be compiled. */
export function schemaChecks(): SchemaChecks {
  const compiled = new WeakMap<JsonObject, ValidateFunction>();
  return (payload, schema) => {
    if (schema === undefined) return [];
    const validate = compiled.get(schema) ?? compile(schema);
    compiled.set(schema, validate);
    return validate(payload) ? [] : violationsOf(validate);
  };
}

/** An instance of its own for each schema: one plugin's `$id`s never meet another's, and old ones can be collected. */
function compile(schema: JsonObject): ValidateFunction {
  const ajv = new Ajv2020({ allErrors: true, strict: false, validateFormats: true });
  addFormats.default(ajv);
  return ajv.compile(schema);
}

/** A payload can break a schema in as many places as it has; telling the first hundred is enough. */
const maxViolations = 100;

/** Where and why, never the value. */
function violationsOf({ errors }: ValidateFunction): Violations {
  return (errors ?? []).slice(0, maxViolations).map(({ instancePath, message }) => ({
    pointer: instancePath,
    message: message ?? "is not valid",
  }));
}
