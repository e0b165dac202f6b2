import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import { Manifest } from "./manifest.ts";
import { isRecord } from "./manifest-value.ts";
import { fixKeyword, type ManifestViolation, pointerToken } from "./manifest-violation.ts";

let compiled: ValidateFunction | undefined;

/** Every way in which a value breaks the manifest's JSON Schema. */
export function shapeViolations(value: unknown): readonly ManifestViolation[] {
  compiled ??= new Ajv2020({
    allErrors: true,
    verbose: true,
    strict: true,
    strictTypes: false,
    keywords: [fixKeyword],
  }).compile(Manifest);
  if (compiled(value)) return [];
  return withoutUnionNoise(compiled.errors ?? []).map(violation);
}

/** Of a union's complaints only those of the branch that the author meant: not "must be an object" about a string. */
function withoutUnionNoise(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const unions = errors.filter((error) => error.keyword === "anyOf").map((error) => error.instancePath);
  return errors.filter((error) => {
    if (!unions.includes(error.instancePath)) return true;
    const others = errors.filter((other) => other !== error && within(other, error.instancePath) && !isNoise(other));
    return !isNoise(error) || (others.length === 0 && error.keyword === "anyOf");
  });
}

const isNoise = (error: ErrorObject): boolean => error.keyword === "anyOf" || error.keyword === "type";
const within = (error: ErrorObject, path: string): boolean =>
  error.instancePath === path || error.instancePath.startsWith(`${path}/`);

function violation(error: ErrorObject): ManifestViolation {
  const named = error.params.missingProperty ?? error.params.additionalProperty;
  const pointer = named === undefined ? error.instancePath : `${error.instancePath}/${pointerToken(named)}`;
  return { pointer, message: message(error), fix: advice(error) };
}

function message(error: ErrorObject): string {
  switch (error.keyword) {
    case "required":
      return `${error.params.missingProperty} is missing`;
    case "additionalProperties":
      return `there is no field ${JSON.stringify(error.params.additionalProperty)} here`;
    case "enum":
      return "the value is not one of those that exist";
    case "anyOf":
      return "the value has none of the shapes it may have";
    default:
      return `the value ${error.message ?? "is not acceptable"}`;
  }
}

function advice(error: ErrorObject): string {
  const schema = isRecord(error.parentSchema) ? error.parentSchema : {};
  const own = schema[fixKeyword];
  if (error.keyword === "required") return requiredAdvice(schema, String(error.params.missingProperty));
  if (typeof own === "string") return own;
  if (error.keyword === "enum") return `use one of ${(error.params.allowedValues as string[]).join(", ")}`;
  if (error.keyword === "additionalProperties") return "remove it, or correct its name";
  if (error.keyword === "anyOf") return "write a path, or an object with at least a path";
  return `write a value that ${error.message ?? "the schema accepts"}`;
}

function requiredAdvice(schema: { readonly [key: string]: unknown }, missing: string): string {
  const properties = isRecord(schema.properties) ? schema.properties : {};
  const property = properties[missing];
  const own = isRecord(property) ? property[fixKeyword] : undefined;
  return typeof own === "string" ? `add ${missing}: ${own}` : `add ${missing}`;
}
