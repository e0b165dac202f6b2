import { VivifiedError } from "@vivified/runtime";
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";
import { wordsOf } from "./words.ts";

/** What the names of fields mean. */
export type FieldDictionary = {
  /** The traits that a field of this name carries, sorted; empty for a name that says nothing. */
  readonly traitsOf: (name: string) => readonly string[];
};

const words = Type.Array(Type.String({ minLength: 1 }));
const DictionaryData = Type.Object(
  {
    entries: Type.Array(
      Type.Object(
        {
          title: Type.String(),
          traits: words,
          /** Found anywhere in a name: `phone` is in `patient_phone_number`. */
          names: words,
          /** The whole name, but for a prefix: `name` is `user_name`, and not `file_name`. */
          exact: words,
        },
        { additionalProperties: false },
      ),
    ),
    /** Words that may stand before a name without changing what it means. */
    prefixes: words,
    /** Words that, standing last, make a name speak of something else: `email_verified`. Only for merely personal data. */
    neutral: words,
  },
  { additionalProperties: false },
);
type DictionaryData = Static<typeof DictionaryData>;

const remembered = 10_000;
const nothing: readonly string[] = [];

/**
 * Makes a dictionary from `data.json`'s `dictionary`; without one no name says anything.
 *
 * @throws VivifiedError `invalid_config` when it has another shape.
 */
export function parseDictionary(value: unknown): FieldDictionary {
  if (value === undefined) return { traitsOf: () => nothing };
  if (!Value.Check(DictionaryData, value))
    throw new VivifiedError("invalid_config", { detail: "not a field dictionary" });
  const match = createMatcher(value);
  const known = new Map<string, readonly string[]>();
  const traitsOf = (name: string): readonly string[] => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const traits = match(name);
    if (known.size >= remembered) known.clear(); // names are the callers' to choose
    known.set(name, traits);
    return traits;
  };
  return { traitsOf };
}

type Term = { readonly words: readonly string[]; readonly traits: readonly string[]; readonly neutralizable: boolean };

function createMatcher({ entries, prefixes, neutral }: DictionaryData): (name: string) => readonly string[] {
  const terms = entries.flatMap(({ names, traits }) => names.map((name) => termOf(name, traits)));
  const joined = new Map<string, readonly string[]>();
  for (const { names, exact, traits } of entries) {
    for (const name of [...names, ...exact]) joined.set(wordsOf(name).join(""), traits);
  }
  const before = prefixes.map((prefix) => wordsOf(prefix).join(""));
  const after = new Set(neutral);
  return (name) => {
    const parts = wordsOf(name);
    const last = parts.at(-1) ?? "";
    const inside = terms.filter((term) => contains(parts, term.words) && !(term.neutralizable && after.has(last)));
    const whole = joinedNames(parts.join(""), before).flatMap((text) => joined.get(text) ?? nothing);
    const traits = new Set([...inside.flatMap((term) => term.traits), ...whole]);
    return traits.size === 0 ? nothing : [...traits].sort();
  };
}

function termOf(name: string, traits: readonly string[]): Term {
  return { words: wordsOf(name), traits, neutralizable: traits.every((trait) => trait === "pii") };
}

function contains(parts: readonly string[], wanted: readonly string[]): boolean {
  return parts.some((_, start) => wanted.every((part, index) => parts[start + index] === part));
}

/** The name written without gaps, and what is left of it when up to two prefixes are taken off. */
function joinedNames(text: string, prefixes: readonly string[]): string[] {
  const once = withoutPrefix(text, prefixes);
  return [text, ...once, ...once.flatMap((rest) => withoutPrefix(rest, prefixes))];
}

function withoutPrefix(text: string, prefixes: readonly string[]): string[] {
  return prefixes.filter((prefix) => text.startsWith(prefix)).map((prefix) => text.slice(prefix.length));
}
