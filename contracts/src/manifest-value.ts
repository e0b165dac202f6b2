/**
 * Reads what may or may not be a manifest, so that every rule can speak even when other fields are broken: what has the
 * wrong shape counts as absent here and is reported by the schema.
 */
export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => (isRecord(at) && Object.hasOwn(at, key) ? at[key] : undefined), value);
}

/** The strings of an array, with the index each has there. */
export function stringsAt(value: unknown, ...path: readonly string[]): readonly (readonly [string, number])[] {
  const found = valueAt(value, ...path);
  if (!Array.isArray(found)) return [];
  return found.flatMap((entry, index) => (typeof entry === "string" ? [[entry, index] as const] : []));
}

/** True when the array at a path holds a string. */
export function holds(value: unknown, wanted: string, ...path: readonly string[]): boolean {
  return stringsAt(value, ...path).some(([entry]) => entry === wanted);
}

export function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
