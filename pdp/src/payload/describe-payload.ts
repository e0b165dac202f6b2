import { type Attributes, type Field, isJsonObject, type JsonObject, type JsonValue } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import { detectTraits } from "./detect-traits.ts";
import type { FieldDictionary } from "./dictionary.ts";
import { FieldCollector } from "./field-collector.ts";
import { attributeName, itemLabels, type Labels, labelledTraits, labelsOf, memberLabels } from "./schema-labels.ts";

export type DescribeOptions = {
  /** JSON Schema of the payload: `x-vivified-traits` labels fields, `x-vivified-attribute` exposes values. */
  readonly schema?: JsonObject | undefined;
  /** `pdp.dictionary` */
  readonly dictionary: FieldDictionary;
};

/** What policy and the record see of a payload. */
export type PayloadDescription = { readonly fields: readonly Field[]; readonly attributes: Attributes };

const maxDepth = 64;
const maxKeyLength = 512;

type Walk = { readonly dictionary: FieldDictionary; readonly found: FieldCollector };
type Place = {
  readonly path: string;
  readonly depth: number;
  readonly traits: readonly string[];
  readonly labels: Labels | undefined;
  readonly inArray: boolean;
  /** The names that it lies in, the nearest last, as many as can still say what a field means. */
  readonly names: readonly string[];
};

/**
 * Turns a payload into what policy may see: every field's path (array indices folded to `*`), type and traits, and no
 * value but those that the schema exposes. Traits come from the schema, the field's name and the looks of its value
 * together, and what lies inside a field carries its traits too. The document itself is a field (path "") only when it
 * is neither object nor array.
 *
 * @throws VivifiedError `malformed` for a key that no path can name (`*`, or longer than 512 characters) or that is
 *   itself personal data, and `too_deep` beyond 64 levels: what cannot be described cannot be judged.
 */
export function describePayload(payload: JsonValue, { schema, dictionary }: DescribeOptions): PayloadDescription {
  const walk = { dictionary, found: new FieldCollector() };
  const labels = schema && labelsOf(schema);
  const root = { path: "", depth: 0, traits: labels ? labelledTraits(labels) : [], labels, inArray: false, names: [] };
  if (isContainer(payload)) describeParts(payload, root, walk);
  else describeField(payload, root, walk);
  return walk.found.description();
}

const isContainer = (value: JsonValue): value is JsonObject | readonly JsonValue[] =>
  typeof value === "object" && value !== null;

function describeField(value: JsonValue, place: Place, walk: Walk): void {
  const seen = isContainer(value) ? [] : traitsOfValue(value);
  const traits = seen.length === 0 ? place.traits : [...place.traits, ...seen];
  walk.found.add(place.path, typeOf(value), traits);
  if (isContainer(value)) {
    describeParts(value, place, walk);
    return;
  }
  const name = place.labels && !place.inArray ? attributeName(place.labels) : undefined;
  if (name !== undefined && value !== null) walk.found.expose(name, value, traits);
}

function describeParts(container: JsonObject | readonly JsonValue[], place: Place, walk: Walk): void {
  if (place.depth >= maxDepth) throw new VivifiedError("too_deep");
  if (isJsonObject(container)) {
    for (const key of Object.keys(container)) describeMember(container, key, place, walk);
    return;
  }
  const items = itemPlace(place);
  for (const item of container) describeField(item, items, walk);
}

function describeMember(container: JsonObject, key: string, place: Place, walk: Walk): void {
  const value = container[key];
  if (value === undefined) return;
  describeField(value, memberPlace(place, key, walk.dictionary), walk);
}

function memberPlace(place: Place, key: string, dictionary: FieldDictionary): Place {
  checkKey(key);
  const labels = place.labels && memberLabels(place.labels, key);
  const own = [...(labels ? labelledTraits(labels) : []), ...dictionary.traitsOf(key, place.names)];
  const traits = own.length === 0 ? place.traits : [...place.traits, ...own];
  const path = `${place.path}/${escapeKey(key)}`;
  const names = [...place.names.slice(-1), key];
  return { path, depth: place.depth + 1, traits, labels, inArray: place.inArray, names };
}

function itemPlace(place: Place): Place {
  const labels = place.labels && itemLabels(place.labels);
  const traits = labels ? [...place.traits, ...labelledTraits(labels)] : place.traits;
  return { ...place, path: `${place.path}/*`, depth: place.depth + 1, traits, labels, inArray: true };
}

function checkKey(key: string): void {
  if (key === "*") throw new VivifiedError("malformed", { detail: "a key of the payload is *" });
  if (key.length > maxKeyLength) throw new VivifiedError("malformed", { detail: "a key of the payload is too long" });
  if (detectTraits(key).length > 0)
    throw new VivifiedError("malformed", { detail: "a key of the payload is personal data" });
}

/** RFC 6901 §3. */
const escapeKey = (key: string): string => (/[~/]/.test(key) ? key.replaceAll("~", "~0").replaceAll("/", "~1") : key);

function typeOf(value: JsonValue): Field["type"] {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value as "string" | "number" | "boolean" | "object";
}

function traitsOfValue(value: JsonValue): readonly string[] {
  if (typeof value === "string") return detectTraits(value);
  return typeof value === "number" && Math.abs(value) >= 1e12 ? detectTraits(String(value)) : [];
}
