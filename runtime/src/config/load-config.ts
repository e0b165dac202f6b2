import { readFileSync } from "node:fs";
import type { Static, TObject, TSchema } from "typebox";
import { Errors } from "typebox/value";
import { VivifiedError } from "../errors/vivified-error.ts";
import { isDevModeOnly, isSecret } from "./fields.ts";
import { Secret } from "./secret.ts";

export type Environment = { readonly [name: string]: string | undefined };
type Fault = { readonly name: string; readonly message: string };
type Raw = { readonly values: Record<string, unknown>; readonly faults: Fault[] };

/**
 * Reads a process's configuration from the environment variables that begin with its prefix: key `natsUrl` is
 * `<PREFIX>NATS_URL`. Booleans are `true` or `false`, lists are comma-separated, secrets may come by `…_FILE`. Unknown
 * variables under the prefix are refused, and so are `devModeOnly` settings outside dev mode.
 *
 * @throws VivifiedError `invalid_config` with every fault at once, each with the variable's name
 */
export function loadConfig<Schema extends TObject>(prefix: string, schema: Schema, env: Environment = process.env) {
  const raw = readRaw(prefix, schema, env);
  const faults = [
    ...raw.faults,
    ...unknownNames(prefix, schema, env),
    ...violations(prefix, schema, raw),
    ...outsideDevMode(prefix, schema, raw),
  ];
  if (faults.length > 0) throw invalid(faults);
  for (const [key, field] of Object.entries(schema.properties)) {
    if (isSecret(field) && typeof raw.values[key] === "string") raw.values[key] = new Secret(raw.values[key]);
  }
  return Object.freeze(raw.values) as Static<Schema>;
}

/** `natsUrl` → `NATS_URL` */
export function environmentName(prefix: string, key: string): string {
  return prefix + key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

function readRaw(prefix: string, schema: TObject, env: Environment): Raw {
  const values: Record<string, unknown> = {};
  const faults: Fault[] = [];
  for (const [key, field] of Object.entries(schema.properties)) {
    const name = environmentName(prefix, key);
    try {
      const text = env[name] ?? fromFile(env[`${name}_FILE`], field);
      const value = text === undefined ? defaultOf(field) : parse(text, field);
      if (value !== undefined) values[key] = value;
    } catch (error) {
      faults.push({ name, message: error instanceof Error ? error.message : "cannot be read" });
    }
  }
  return { values, faults };
}

function fromFile(path: string | undefined, field: TSchema): string | undefined {
  if (path === undefined || !isSecret(field)) return undefined;
  return readFileSync(path, "utf8").trim();
}

function defaultOf(field: TSchema): unknown {
  return "default" in field ? structuredClone(field.default) : undefined;
}

function parse(text: string, field: TSchema): unknown {
  const type = "type" in field ? field.type : undefined;
  if (type === "boolean") return text === "true" ? true : text === "false" ? false : text;
  if (type === "integer" || type === "number") return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  if (type === "array") return text === "" ? [] : text.split(",").map((item) => item.trim());
  return text;
}

function unknownNames(prefix: string, schema: TObject, env: Environment): Fault[] {
  const known = new Set(
    Object.entries(schema.properties).flatMap(([key, field]) => {
      const name = environmentName(prefix, key);
      return isSecret(field) ? [name, `${name}_FILE`] : [name];
    }),
  );
  const strangers = Object.keys(env).filter((name) => name.startsWith(prefix) && !known.has(name));
  return strangers.map((name) => ({ name, message: "is not a setting of this process" }));
}

function violations(prefix: string, schema: TObject, raw: Raw): Fault[] {
  const reported = new Set(raw.faults.map((fault) => fault.name));
  const missing = (schema.required ?? []).filter((key) => !(key in raw.values));
  const absent = missing.map((key) => ({
    name: environmentName(prefix, key),
    message: `is required: ${describe(schema.properties[key])}`,
  }));
  const wrong = Errors(schema, raw.values)
    .filter((error) => error.instancePath !== "")
    .map((error) => ({ name: environmentName(prefix, error.instancePath.slice(1)), message: error.message }));
  return [...absent, ...wrong].filter((fault) => !reported.has(fault.name));
}

/** What weakens the platform is set nowhere but in dev mode; `false` sets nothing. */
function outsideDevMode(prefix: string, schema: TObject, { values }: Raw): Fault[] {
  if (values.devMode === true) return [];
  const set = Object.entries(schema.properties).filter(
    ([key, field]) => isDevModeOnly(field) && key in values && values[key] !== false,
  );
  return set.map(([key]) => ({ name: environmentName(prefix, key), message: "is allowed in dev mode only" }));
}

function describe(field: TSchema | undefined): string {
  return field !== undefined && "description" in field ? String(field.description) : "no description";
}

function invalid(faults: readonly Fault[]): VivifiedError {
  const text = faults.map((fault) => `${fault.name} ${fault.message}`).join("; ");
  return new VivifiedError("invalid_config", {
    detail: text,
    extra: { violations: faults.map((fault) => ({ pointer: fault.name, message: fault.message })) },
  });
}
