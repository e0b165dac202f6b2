import { type Field, isJsonObject, type JsonObject } from "@vivified/contracts";
import { describePayload, type FieldDictionary } from "@vivified/pdp";

/**
 * What a record's `input` holds of values, in the places where they lie: the attributes that a schema exposes, and the
 * path of an outside destination. Everything else in it is names. Undefined where there is none.
 */
export function recordedValues({ attributes, resource }: JsonObject): JsonObject | undefined {
  const values = {
    ...(isJsonObject(attributes) && Object.keys(attributes).length > 0 && { attributes }),
    ...(isJsonObject(resource) && typeof resource.path === "string" && { resource: { path: resource.path } }),
  };
  return Object.keys(values).length === 0 ? undefined : values;
}

/**
 * The same as fields for policy: `/attributes/<name>` and `/resource/path`, with the traits that names and looks tell.
 *
 * @throws VivifiedError `malformed` for an attribute whose name cannot be a path
 */
export function describeValues({ attributes, resource }: JsonObject, dictionary: FieldDictionary): Field[] {
  const exposed = attributes === undefined ? [] : describePayload(attributes, { dictionary }).fields;
  const path = isJsonObject(resource) && typeof resource.path === "string" ? decoded(resource.path) : undefined;
  const reached = path === undefined ? [] : describePayload(path, { dictionary }).fields;
  return [...below("/attributes", exposed), ...below("/resource/path", reached)];
}

const below = (place: string, fields: readonly Field[]): Field[] =>
  fields.map((field) => ({ ...field, path: `${place}${field.path}` }));

/** As people wrote it, so that `%40` is an `@`. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
