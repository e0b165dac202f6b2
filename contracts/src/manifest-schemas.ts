import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import { comparesItemsFast, matchesInLinearTime, unfoldsSmall } from "./manifest-schema-cost.ts";
import { isRecord, valueAt } from "./manifest-value.ts";
import { type ManifestViolation, pointerToken } from "./manifest-violation.ts";

const maxBytes = 32 * 1024;
const maxDepth = 24;

let ajv: Ajv2020 | undefined;

/**
 * The JSON Schemas inside a manifest (draft 2020-12): valid, small, self-contained and cheap to run. They come from a
 * stranger and are compiled later, so nothing remote is referred to, no pattern can run away, and none is asynchronous.
 */
export function schemaViolations(manifest: unknown): readonly ManifestViolation[] {
  return embedded(manifest).flatMap(([pointer, schema]) => {
    const tooBig = sizeFault(pointer, schema);
    if (tooBig) return [tooBig];
    const faults = [...metaFaults(pointer, schema), ...walk(pointer, schema)];
    if (faults.length > 0) return faults;
    const broken = runFaults(pointer, schema);
    return broken.length > 0 ? broken : unfoldingFault(pointer, schema);
  });
}

function embedded(manifest: unknown): readonly (readonly [string, unknown])[] {
  const endpoints = valueAt(manifest, "endpoints");
  const operations = Object.entries(isRecord(endpoints) ? endpoints : {}).flatMap(([name, entry]) =>
    ["input", "output"].map((side) => [`/endpoints/${pointerToken(name)}/${side}`, valueAt(entry, side)] as const),
  );
  const all = [...operations, ["/config_schema", valueAt(manifest, "config_schema")] as const];
  return all.filter(([, schema]) => isRecord(schema));
}

function sizeFault(pointer: string, schema: unknown): ManifestViolation | undefined {
  if (depth(schema) > maxDepth)
    return { pointer, message: `the schema is nested deeper than ${maxDepth}`, fix: "flatten it" };
  if (Buffer.byteLength(JSON.stringify(schema)) <= maxBytes) return undefined;
  return { pointer, message: `the schema is larger than ${maxBytes} bytes`, fix: "make it smaller" };
}

function depth(value: unknown, limit = maxDepth + 1): number {
  if (typeof value !== "object" || value === null || limit === 0) return 0;
  return 1 + Math.max(0, ...Object.values(value).map((inner) => depth(inner, limit - 1)));
}

function metaFaults(pointer: string, schema: unknown): readonly ManifestViolation[] {
  ajv ??= new Ajv2020({ allErrors: true, validateFormats: false });
  if (
    !isRecord(schema) ||
    ajv.validateSchema({ ...schema, $schema: "https://json-schema.org/draft/2020-12/schema" }) === true
  )
    return [];
  const leaves = (ajv.errors ?? []).filter((error) => !["anyOf", "allOf", "$ref", "if"].includes(error.keyword));
  return leaves.map((error: ErrorObject) => ({
    pointer: `${pointer}${error.instancePath}`,
    message: `this is not JSON Schema: ${error.message ?? "invalid"}`,
    fix: "correct the schema (draft 2020-12)",
  }));
}

function walk(pointer: string, value: unknown): readonly ManifestViolation[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const at = `${pointer}/${pointerToken(key)}`;
    if (typeof inner === "string") return keywordFault(at, key, inner);
    if (key === "$async") return [{ pointer: at, message: "the schema is asynchronous", fix: "remove $async" }];
    if (key === "uniqueItems" && inner === true && !(isRecord(value) && comparesItemsFast(value)))
      return [
        { pointer: at, message: "comparing such items takes very long", fix: "give items a type that is scalar" },
      ];
    const patterns = key === "patternProperties" && isRecord(inner) ? Object.keys(inner) : [];
    return [
      ...patterns.flatMap((text) => keywordFault(`${at}/${pointerToken(text)}`, "pattern", text)),
      ...walk(at, inner),
    ];
  });
}

/** What only compiling finds: another draft, a reference to nothing. */
function runFaults(pointer: string, schema: unknown): readonly ManifestViolation[] {
  try {
    new Ajv2020({ strict: false, validateFormats: false, logger: false }).compile(Object(schema));
    return [];
  } catch (error) {
    const message = `the schema cannot be run: ${error instanceof Error ? error.message : "invalid"}`;
    return [{ pointer, message, fix: "correct its references and write it in draft 2020-12" }];
  }
}

function unfoldingFault(pointer: string, schema: unknown): readonly ManifestViolation[] {
  if (unfoldsSmall(schema)) return [];
  const message = "the schema takes very long to run: its references lead back, or multiply";
  return [{ pointer, message, fix: "write each part once, without recursion" }];
}

function keywordFault(pointer: string, keyword: string, text: string): readonly ManifestViolation[] {
  if (keyword === "$ref" && !/^#(\/|$)/.test(text))
    return [{ pointer, message: "the schema refers to another document", fix: "move the definition into $defs" }];
  if (["$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$anchor", "$id"].includes(keyword))
    return [{ pointer, message: `the schema uses ${keyword}`, fix: "refer by #/$defs/name alone" }];
  if (keyword === "format" && text === "url")
    return [{ pointer, message: "the format url may take very long", fix: "use the format uri" }];
  if (keyword === "pattern" && !isTamePattern(text))
    return [
      {
        pointer,
        message: "the pattern may take very long or is not valid",
        fix: "begin with ^, use one of * + {n,} only, with no repeated groups, back references or look-around",
      },
    ];
  return [];
}

/** Short, valid, and without what makes a backtracking engine explode. */
function isTamePattern(text: string): boolean {
  const wild = /\)[*+{]|\\[1-9]|\\k<|\(\?[=!<]/;
  return text.length <= 200 && !wild.test(text) && isRegExp(text) && matchesInLinearTime(text);
}

function isRegExp(text: string): boolean {
  try {
    return new RegExp(text, "u") instanceof RegExp;
  } catch {
    return false;
  }
}
