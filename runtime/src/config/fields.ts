import { type TSchema, type TString, Type } from "typebox";
import type { Secret } from "./secret.ts";

/** A string that is kept as a {@link Secret}; it may come by `<NAME>_FILE` instead. */
export function secretString(options: { description: string }) {
  return Type.Unsafe<Secret>(Type.String({ ...options, minLength: 1, "x-vivified-secret": true }));
}

/** `host:port` lists, host names and the like: comma-separated in the environment, an array in the configuration. */
export function listOf(item: TString, options: { description: string; default: string[] }) {
  return Type.Array(item, options);
}

/** A setting that exists in dev mode (`devMode: true` of the same configuration) and nowhere else. */
export function devModeOnly<Schema extends TSchema>(schema: Schema): Schema {
  return { ...schema, "x-vivified-dev-mode-only": true };
}

export function isDevModeOnly(schema: TSchema): boolean {
  return "x-vivified-dev-mode-only" in schema;
}

export function isSecret(schema: TSchema): boolean {
  return "x-vivified-secret" in schema && schema["x-vivified-secret"] === true;
}
