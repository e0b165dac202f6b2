import type { JsonObject } from "@vivified/contracts";
import { compileForeignSchema, type SchemaFault, VivifiedError } from "@vivified/runtime";

/**
 * Holds settings to the schema that the plugin's manifest declares.
 *
 * @throws VivifiedError `invalid` 422 with every violation
 */
export function checkSettings(settings: JsonObject, schema: JsonObject | undefined): void {
  if (schema === undefined) throw invalid([{ pointer: "", message: "the manifest declares no config_schema" }]);
  const faults = compileForeignSchema(schema)(settings);
  if (faults.length > 0) throw invalid(faults);
}

function invalid(faults: readonly SchemaFault[]): VivifiedError {
  const violations = faults.map(({ pointer, message }) => ({ pointer: `/config${pointer}`, message }));
  return new VivifiedError("invalid", { detail: "the settings break the plugin's schema", extra: { violations } });
}
