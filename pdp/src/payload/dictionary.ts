/** What the names of fields mean. */
export type FieldDictionary = {
  /** The traits that a field of this name carries, sorted; empty for a name that says nothing. */
  readonly traitsOf: (name: string) => readonly string[];
};

export function parseDictionary(_value: unknown): FieldDictionary {
  return { traitsOf: () => [] };
}
