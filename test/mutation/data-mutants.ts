import type { Mutant } from "./mutant.ts";

type Path = readonly (string | number)[];

/** Small faults in a table: each entry left out, and each text changed. */
export function dataMutants(file: string, text: string): readonly Mutant[] {
  const data: unknown = JSON.parse(text);
  return pathsIn(data, []).flatMap((path) => {
    const name = path.join(".");
    const dropped = { id: `${file}: drop the entry: ${name}`, content: JSON.stringify(without(data, path)) };
    const changed = { id: `${file}: change the entry: ${name}`, content: JSON.stringify(changedAt(data, path)) };
    return [dropped, ...(typeof valueAt(data, path) === "string" ? [changed] : [])].map((mutant) => ({
      ...mutant,
      file,
      row: 1,
    }));
  });
}

function pathsIn(value: unknown, path: Path): Path[] {
  if (typeof value !== "object" || value === null) return [];
  const keys = Array.isArray(value) ? value.map((_, index) => index) : Object.keys(value);
  return keys.flatMap((key) => [[...path, key], ...pathsIn(valueAt(value, [key]), [...path, key])]);
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce((at: unknown, key) => (at as Record<string | number, unknown>)[key], value);
}

function without(data: unknown, path: Path): unknown {
  const copy = structuredClone(data);
  const parent = valueAt(copy, path.slice(0, -1));
  const key = path.at(-1) ?? "";
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete (parent as Record<string | number, unknown>)[key];
  return copy;
}

function changedAt(data: unknown, path: Path): unknown {
  const copy = structuredClone(data);
  (valueAt(copy, path.slice(0, -1)) as Record<string | number, unknown>)[path.at(-1) ?? ""] = "mutant";
  return copy;
}
