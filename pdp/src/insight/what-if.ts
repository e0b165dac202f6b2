import { isJsonObject, type JsonObject, type JsonValue } from "@vivified/contracts";
import type { Question } from "./question.ts";

/** A party of a question whose traits policy looks at: where its traits stand, and who it is. */
export type Party = { readonly path: readonly string[]; readonly id: string };

/** Who may lack or hold a trait: the subject, and the subscriber or target where a question has one. */
export function partiesOf({ entrypoint, input }: Question): readonly Party[] {
  const { subject, resource } = input;
  const parties = isJsonObject(subject) ? [{ path: ["subject"], id: `${subject.id}` }] : [];
  if (!isJsonObject(resource)) return parties;
  if (isJsonObject(resource.subscriber)) {
    return [...parties, { path: ["resource", "subscriber"], id: `${resource.subscriber.id}` }];
  }
  return entrypoint.startsWith("rpc/") ? [...parties, { path: ["resource"], id: `${resource.plugin}` }] : parties;
}

/** Every trait that the tables and the question itself know, in order. */
export function knownTraits(data: JsonObject, input: JsonObject): readonly string[] {
  const { clearances, events, access } = data;
  const tables = [clearances, events].flatMap((table) => (table === undefined ? [] : textsIn(table)));
  const rights = isJsonObject(access) ? Object.keys(access) : [];
  const named = isJsonObject(clearances) ? Object.keys(clearances) : [];
  const asked = textsIn(traitsIn(input)).filter((text) => text !== "");
  return [...new Set([...tables, ...rights, ...named, ...asked])]
    .filter((text) => /^[a-z][a-z0-9_]*$/.test(text))
    .sort();
}

function textsIn(value: JsonValue): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

/** Every list of traits in a question. */
function traitsIn(value: JsonValue): JsonValue[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) =>
    name === "traits" || name === "requires_traits" ? [item] : traitsIn(item),
  );
}

/** The input with the value at a path made from what is there. */
export function changed(
  input: JsonObject,
  path: readonly string[],
  make: (value: JsonValue | undefined) => JsonValue,
): JsonObject {
  const [name, ...rest] = path;
  if (name === undefined) return input;
  const below = input[name];
  if (rest.length === 0) return { ...input, [name]: make(below) };
  return { ...input, [name]: changed(isJsonObject(below) ? below : {}, rest, make) };
}

/** The texts of a list. */
export const listOf = (value: JsonValue | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];

/** The fields of a question. */
export const fieldsOf = (input: JsonObject): readonly JsonObject[] =>
  Array.isArray(input.fields) ? input.fields.filter((field) => isJsonObject(field)) : [];
