import type { JsonObject } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

/**
 * Holds settings to the schema that the plugin's manifest declares. The schema comes from the plugin: it was checked to be
 * small and tame at registration, and one that cannot be run accepts nothing.
 *
 * @throws VivifiedError `invalid` 422 with every violation
 */
export function checkSettings(settings: JsonObject, schema: JsonObject | undefined): void {
  if (schema === undefined) throw invalid([{ pointer: "/config", message: "the manifest declares no config_schema" }]);
  const violations = violationsOf(settings, schema);
  if (violations.length > 0) throw invalid(violations);
}

type Violation = { readonly pointer: string; readonly message: string };

function violationsOf(settings: JsonObject, schema: JsonObject): readonly Violation[] {
  try {
    const { $schema: _, ...rules } = schema;
    const ajv = new Ajv2020({ allErrors: true, strict: false });
    addFormats.default(ajv);
    const validate = ajv.compile(rules);
    return validate(settings) ? [] : (validate.errors ?? []).slice(0, 100).map(violation);
  } catch {
    return [{ pointer: "/config", message: "the plugin's config_schema cannot be run" }];
  }
}

function violation({ instancePath, params, message }: ErrorObject): Violation {
  const name: unknown = params.additionalProperty ?? params.missingProperty;
  const token = typeof name === "string" ? `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}` : "";
  return { pointer: `/config${instancePath}${token}`, message: message ?? "is not valid" };
}

const invalid = (violations: readonly Violation[]): VivifiedError =>
  new VivifiedError("invalid", { detail: "the settings break the plugin's schema", extra: { violations } });
