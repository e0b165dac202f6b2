import type { JsonObject, JsonValue } from "@vivified/contracts";
import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

/** Where a value breaks a schema (JSON Pointer), and how; never the value. */
export type SchemaFault = { readonly pointer: string; readonly message: string };
export type CheckValue = (value: JsonValue) => readonly SchemaFault[];

/** A value can break a schema in as many places as it has; telling the first hundred is enough. */
const maxFaults = 100;
/** Of a longer value (JSON text) only the first fault is looked for: all of them could fill the memory. */
const maxThoroughLength = 4_096;
const unrunnable: readonly SchemaFault[] = [{ pointer: "", message: "the declared schema cannot be run" }];

/**
 * Compiles a schema that a plugin brought (draft 2020-12). Nothing is coerced, dropped or filled in. A schema that cannot
 * be run accepts nothing, and neither does an asynchronous one (`$async`): its answer would be a promise, which is true.
 *
 * An instance of its own for each schema: one plugin's `$id`s never meet another's, and old ones can be collected.
 */
export function compileForeignSchema(schema: JsonObject): CheckValue {
  const firstFault = compile(schema, false);
  if (firstFault === undefined) return () => unrunnable;
  let everyFault: ValidateFunction | undefined;
  return (value) => {
    const found = run(firstFault, value);
    if (found.length === 0 || found === unrunnable || JSON.stringify(value).length > maxThoroughLength) return found;
    everyFault ??= compile(schema, true);
    return everyFault === undefined ? found : run(everyFault, value);
  };
}

/** A schema that refers to itself without end overflows the stack. */
function run(validate: ValidateFunction, value: JsonValue): readonly SchemaFault[] {
  try {
    return validate(value) ? [] : (validate.errors ?? []).slice(0, maxFaults).map(fault);
  } catch {
    return unrunnable;
  }
}

function compile(schema: JsonObject, allErrors: boolean): ValidateFunction | undefined {
  try {
    const ajv = new Ajv2020({ allErrors, strict: false, logger: false });
    addFormats.default(ajv);
    const validate = ajv.compile(schema);
    return "$async" in validate ? undefined : validate;
  } catch {
    return undefined;
  }
}

function fault({ instancePath, params, message }: ErrorObject): SchemaFault {
  const name: unknown = params.additionalProperty ?? params.missingProperty;
  const token = typeof name === "string" ? `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}` : "";
  return { pointer: `${instancePath}${token}`, message: message ?? "is not valid" };
}
