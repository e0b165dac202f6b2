import { readFile } from "node:fs/promises";
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from "../json.ts";
import { StartError } from "./start-error.ts";

/** The JSON object of a settings file. @throws StartError */
export async function readSettings(path: string): Promise<JsonObject> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) throw new StartError([`${path}: cannot be read`]);
  const settings = parseJson(text);
  if (!isJsonObject(settings)) throw new StartError([`${path}: is not a JSON object`]);
  return settings;
}

/** How one setting is read: a check that says what is wrong with a value, and what holds when it is absent. */
export type Setting = {
  readonly check: (value: string) => string | undefined;
  readonly fallback?: string;
};

/**
 * Reads settings that are all strings. Unknown keys are refused, and all faults are reported together.
 *
 * @throws StartError
 */
export function stringSettings<K extends string>(
  settings: JsonObject,
  known: Readonly<Record<K, Setting>>,
): Readonly<Record<K, string>> {
  const unknown = Object.keys(settings).filter((key) => !Object.hasOwn(known, key));
  const faults = unknown.map((key) => `/${key}: is not a setting`);
  const values = Object.entries<Setting>(known).map(([key, setting]) => {
    const value = settings[key] ?? setting.fallback;
    const fault = faultOf(value, setting);
    if (fault) faults.push(`/${key}: ${fault}`);
    return [key, value];
  });
  if (faults.length > 0) throw new StartError(faults);
  return Object.fromEntries(values) as Readonly<Record<K, string>>;
}

function faultOf(value: JsonValue | undefined, { check }: Setting): string | undefined {
  if (value === undefined) return "must be given";
  return typeof value === "string" ? check(value) : "must be a string";
}

/** A check that a setting is a URL of one of these schemes, written with the colon. */
export function urlOf(...schemes: readonly string[]): Setting["check"] {
  return (value) => {
    const url = URL.parse(value);
    return url && schemes.includes(url.protocol) ? undefined : `must be a URL with ${schemes.join(" or ")}`;
  };
}
