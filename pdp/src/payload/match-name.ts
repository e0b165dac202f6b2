import { wordsOf } from "./words.ts";

/** `data/dictionary/data.json`. */
export type DictionaryData = {
  readonly entries: readonly {
    readonly title: string;
    readonly traits: readonly string[];
    /** Found anywhere in a name: `phone` is in `patient_phone_number`. */
    readonly names: readonly string[];
    /** The whole name, but for a prefix: `name` is `user_name`, and not `file_name`. */
    readonly exact: readonly string[];
  }[];
  /** Words that may stand before a name without changing what it means. */
  readonly prefixes: readonly string[];
  /** The same after a name, where words are written without gaps: `patientphonenumber`. */
  readonly suffixes: readonly string[];
  /** Words that, standing last, make a name speak of something else: `email_verified`. Only for merely personal data. */
  readonly neutral: readonly string[];
};

/** The traits of a name, sorted. `inside` are the names that it lies in, outermost first. */
export type MatchName = (name: string, inside: readonly string[]) => readonly string[];

type Term = { readonly words: readonly string[]; readonly traits: readonly string[]; readonly neutralizable: boolean };
type Words = { readonly all: readonly string[]; readonly own: number };

const nothing: readonly string[] = [];

/**
 * How names are matched: word by word however they are written, and as a whole without gaps. What a name lies in counts
 * as its first words, as long as some word of the match is its own: what is only above it is inherited anyway.
 */
export function createMatcher({ entries, prefixes, suffixes, neutral }: DictionaryData): MatchName {
  const terms = entries.flatMap(({ names, traits }) => names.map((name) => termOf(name, traits)));
  const whole = wholeNames(entries);
  const around = { before: prefixes.map(joined), after: suffixes.map(joined) };
  const last = new Set(neutral);
  return (name, inside) => {
    const own = wordsOf(name);
    const words = { all: [...inside.flatMap(wordsOf), ...own], own: own.length };
    const found = terms.filter((term) => matches(words, term, last)).flatMap(({ traits }) => traits);
    const unnumbered = own.slice(0, own.findLastIndex((part) => !/^\p{N}+$/u.test(part)) + 1).join("");
    const texts = new Set([own.join(""), unnumbered, joined(inside.at(-1) ?? "") + own.join("")]);
    const named = [...texts].flatMap((text) => variants(text, around)).flatMap((text) => whole.get(text) ?? nothing);
    return found.length + named.length === 0 ? nothing : [...new Set([...found, ...named])].sort();
  };
}

function termOf(name: string, traits: readonly string[]): Term {
  return { words: wordsOf(name), traits, neutralizable: traits.every((trait) => trait === "pii") };
}

/** Every name without gaps, with the traits of all entries that have it. */
function wholeNames(entries: DictionaryData["entries"]): ReadonlyMap<string, readonly string[]> {
  const whole = new Map<string, readonly string[]>();
  for (const { names, exact, traits } of entries) {
    for (const name of [...names, ...exact]) whole.set(joined(name), [...(whole.get(joined(name)) ?? []), ...traits]);
  }
  return whole;
}

const joined = (name: string): string => wordsOf(name).join("");

/** Whether a term stands in a name. A neutral last word turns it only when it is no part of the term. */
function matches({ all, own }: Words, term: Term, neutral: ReadonlySet<string>): boolean {
  const isNeutral = term.neutralizable && neutral.has(all.at(-1) ?? "");
  return all.some((_, start) => {
    const end = start + term.words.length;
    if (end <= all.length - own || (isNeutral && end < all.length)) return false;
    return term.words.every((word, index) => all[start + index] === word);
  });
}

/** A name without gaps, and what is left of it when up to two prefixes and a suffix are taken off. */
function variants(text: string, { before, after }: { before: readonly string[]; after: readonly string[] }): string[] {
  const once = without(text, before);
  const fronts = [text, ...once, ...once.flatMap((rest) => without(rest, before))];
  const backs = after.flatMap((suffix) =>
    fronts.filter((front) => front.endsWith(suffix)).map((front) => front.slice(0, -suffix.length)),
  );
  return [...fronts, ...backs];
}

function without(text: string, prefixes: readonly string[]): string[] {
  return prefixes.filter((prefix) => text.startsWith(prefix)).map((prefix) => text.slice(prefix.length));
}
