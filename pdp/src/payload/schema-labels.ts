import { isJsonObject, type JsonObject, type JsonValue } from "@vivified/contracts";

/** The subschemas that may speak about one place of a payload. */
export type Labels = { readonly root: JsonObject; readonly nodes: readonly JsonObject[] };

/** Where the labels of a document start. */
export function labelsOf(schema: JsonObject): Labels {
  return { root: schema, nodes: expand(schema, schema) };
}

/** The labels of an object's member. Which branch of a schema applies is not asked: every branch may label. */
export function memberLabels(labels: Labels, key: string): Labels {
  return descend(labels, (node) => {
    const named = isJsonObject(node.properties) && Object.hasOwn(node.properties, key) ? [node.properties[key]] : [];
    const patterns = isJsonObject(node.patternProperties) ? Object.values(node.patternProperties) : [];
    return [...named, ...patterns, node.additionalProperties, node.unevaluatedProperties];
  });
}

/** The labels of an array's items, all positions together, as paths fold indices too. */
export function itemLabels(labels: Labels): Labels {
  return descend(labels, (node) => [...listOf(node.items), ...listOf(node.prefixItems), node.additionalItems]);
}

/** `x-vivified-traits` of a place. */
export function labelledTraits(labels: Labels): string[] {
  return labels.nodes.flatMap((node) => listOf(node["x-vivified-traits"])).filter((trait) => typeof trait === "string");
}

/** `x-vivified-attribute` of a place: the name under which policy may see the value. */
export function attributeName(labels: Labels): string | undefined {
  return labels.nodes.map((node) => node["x-vivified-attribute"]).find((name) => typeof name === "string");
}

function descend({ root, nodes }: Labels, next: (node: JsonObject) => readonly (JsonValue | undefined)[]): Labels {
  const found = nodes.flatMap(next).filter(isJsonObject);
  return { root, nodes: found.flatMap((node) => expand(node, root)) };
}

const listOf = (value: JsonValue | undefined): readonly JsonValue[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

const expanded = new WeakMap<JsonObject, readonly JsonObject[]>();

/** A schema with everything that applies in the same place: what it refers to, and the branches of its combinators. */
function expand(node: JsonObject, root: JsonObject): readonly JsonObject[] {
  const known = expanded.get(node);
  if (known !== undefined) return known;
  const found = new Set<JsonObject>([node]);
  for (const reached of found) for (const next of samePlace(reached, root)) found.add(next);
  const nodes = [...found];
  expanded.set(node, nodes);
  return nodes;
}

function samePlace(node: JsonObject, root: JsonObject): JsonObject[] {
  const branches = ["allOf", "anyOf", "oneOf", "if", "then", "else"].flatMap((keyword) => listOf(node[keyword]));
  return [...branches, resolve(node.$ref, root)].filter(isJsonObject);
}

/** A local reference, `#` and a JSON Pointer (RFC 6901 §6). References to elsewhere say nothing here. */
function resolve(reference: JsonValue | undefined, root: JsonObject): JsonValue | undefined {
  if (typeof reference !== "string" || !reference.startsWith("#")) return undefined;
  let place: JsonValue | undefined = root;
  for (const token of reference.slice(1).split("/").slice(1)) {
    place = stepInto(place, token);
  }
  return place;
}

function stepInto(place: JsonValue | undefined, token: string): JsonValue | undefined {
  const name = token.replaceAll("~1", "/").replaceAll("~0", "~");
  if (Array.isArray(place)) return place[Number(name)];
  return isJsonObject(place) && Object.hasOwn(place, name) ? place[name] : undefined;
}
