import { VivifiedError } from "@vivified/runtime";
import { Type } from "typebox";
import { Value } from "typebox/value";
import { createMatcher } from "./match-name.ts";

/** What the names of fields mean. */
export type FieldDictionary = {
  /**
   * The traits that a field of this name carries, sorted; empty for a name that says nothing. `inside` are the names of
   * the fields that it lies in, outermost first: the `number` of an `insurance` is an insurance number.
   */
  readonly traitsOf: (name: string, inside?: readonly string[]) => readonly string[];
};

const words = Type.Array(Type.String({ minLength: 1 }));
const closed = { additionalProperties: false };
const Entry = Type.Object({ title: Type.String(), traits: words, names: words, exact: words }, closed);
const Dictionary = Type.Object(
  { entries: Type.Array(Entry), prefixes: words, suffixes: words, neutral: words },
  closed,
);

const remembered = 10_000;
const nothing: readonly string[] = [];

/**
 * Makes a dictionary from `data.json`'s `dictionary`; without one no name says anything.
 *
 * @throws VivifiedError `invalid_config` when it has another shape.
 */
export function parseDictionary(value: unknown): FieldDictionary {
  if (value === undefined) return { traitsOf: () => nothing };
  if (!Value.Check(Dictionary, value)) throw new VivifiedError("invalid_config", { detail: "not a field dictionary" });
  const match = createMatcher(value);
  const known = new Map<string, readonly string[]>();
  const traitsOf = (name: string, inside: readonly string[] = nothing): readonly string[] => {
    const key = inside.length === 0 ? `.${name}` : JSON.stringify([name, ...inside]);
    const found = known.get(key);
    if (found !== undefined) return found;
    const traits = match(name, inside);
    if (known.size >= remembered) known.clear(); // names are the callers' to choose
    known.set(key, traits);
    return traits;
  };
  return { traitsOf };
}
