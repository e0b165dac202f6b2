import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import type { FastifySchemaCompiler } from "fastify";

/**
 * Validates requests as written: nothing is coerced, dropped or filled in, and every violation is reported. Query
 * strings are the exception: their numbers arrive as text.
 */
export function strictValidation(): FastifySchemaCompiler<object> {
  const exact = validator("exact");
  const query = validator("coercing");
  return ({ schema, httpPart }) => (httpPart === "querystring" ? query : exact).compile(schema);
}

function validator(kind: "exact" | "coercing"): Ajv {
  const ajv = new Ajv({ allErrors: true, removeAdditional: false, coerceTypes: kind === "coercing", strict: false });
  addFormats.default(ajv);
  return ajv;
}
