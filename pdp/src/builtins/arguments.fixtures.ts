import fc from "fast-check";
import { numbers, pools, texts } from "./argument-pools.fixtures.ts";

/** A type as OPA's capabilities write it. */
export type RegoType = {
  readonly type: string;
  readonly of?: RegoType | readonly RegoType[];
  readonly dynamic?: RegoType & { readonly key?: RegoType; readonly value?: RegoType };
  readonly static?: readonly unknown[];
};

export type Builtin = {
  readonly name: string;
  readonly infix?: string;
  readonly decl: { readonly args?: readonly RegoType[]; readonly result?: RegoType };
};

/** An argument as JSON: `s` a set, `ss` a set of sets, `v` anything that JSON has. */
type Argument = string;

const quoted = (text: string): string => JSON.stringify(text);
const list = (items: readonly string[]): string => `[${items.join(",")}]`;

const text = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...texts) },
  { weight: 2, arbitrary: fc.array(fc.constantFrom(...texts), { maxLength: 3 }).map((parts) => parts.join("")) },
  { weight: 2, arbitrary: fc.string({ unit: fc.constantFrom("a", "b", "A", "-", "ü", "😀", " "), maxLength: 6 }) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 6 }).map((any) => any.replaceAll("\0", "")) },
);
const number = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...numbers) },
  { weight: 3, arbitrary: fc.integer({ min: -3, max: 8 }).map(String) },
  { weight: 1, arbitrary: fc.maxSafeInteger().map(String) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.integer({ min: -999, max: 999 }), fc.nat(9999)).map(([a, b]) => String(a + b / 10_000)),
  },
);
const scalar = fc.oneof(text.map(quoted), number, fc.constantFrom("null", "true", "false", "[]", "{}"));
const object = (value: fc.Arbitrary<string>) =>
  fc.array(fc.tuple(fc.constantFrom("a", "b", "ü", "😀", ""), value), { maxLength: 3 }).map(toObject);
const anything: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: scalar },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 4 }).map(list) },
  { weight: 1, arbitrary: object(fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }).map(list), object(scalar))) },
);

function toObject(entries: readonly (readonly [string, string])[]): string {
  return `{${[...new Map(entries)].map(([key, value]) => `${quoted(key)}:${value}`).join(",")}}`;
}

/** Argument lists for a builtin, each a JSON text: mostly of its types, sometimes of none. */
export function argumentsOf(builtin: Builtin, count: number, seed: number): string[] {
  const args = (builtin.decl.args ?? []).map((type, index) => argument(builtin.name, type, index));
  const strange = fc.record({ at: isRange(builtin.name) ? fc.constant(-1) : fc.nat(60), value: tagged("v", anything) });
  const all = fc.tuple(fc.tuple(...args), strange);
  return fc
    .sample(all, { numRuns: count, seed })
    .map(([given, { at, value }]) => list(given.map((one, index) => (index === at ? value : one))));
}

const tagged = (kind: string, value: fc.Arbitrary<string>): fc.Arbitrary<Argument> =>
  value.map((json) => `{"k":"${kind}","v":${json}}`);

function argument(name: string, type: RegoType, index: number): fc.Arbitrary<Argument> {
  const pool = pools.find(({ builtin, at }) => name.startsWith(builtin) && at.includes(index));
  const typed = argumentOfType(type);
  if (isRange(name)) return tagged("v", fc.constantFrom(...smallNumbers));
  if (pool === undefined) return typed;
  return fc.oneof({ weight: 3, arbitrary: tagged("v", fc.constantFrom(...pool.from).map(quoted)) }, typed);
}

const isRange = (name: string): boolean => name.startsWith("numbers.range");

/** A range between large numbers would be as long as they are. */
const smallNumbers = ["-2", "0", "1", "3", "7", "1.5", "12"];

function argumentOfType(type: RegoType): fc.Arbitrary<Argument> {
  if (type.type === "any" && Array.isArray(type.of)) return fc.oneof(...type.of.map(argumentOfType));
  if (type.type !== "set") return tagged("v", jsonOf(type));
  const items = one(type.of);
  if (items.type === "set") return tagged("ss", listOf(listOf(jsonOf(one(items.of)))));
  return tagged("s", listOf(jsonOf(items)));
}

function jsonOf(type: RegoType): fc.Arbitrary<string> {
  if (type.type === "any" && Array.isArray(type.of)) return fc.oneof(...type.of.map(jsonOf));
  if (type.type === "array" || type.type === "set") return listOf(jsonOf(one(type.dynamic ?? one(type.of))));
  if (type.type === "object") return object(jsonOf(type.dynamic?.value ?? { type: "any" }));
  return (
    { string: text.map(quoted), number, boolean: fc.constantFrom("true", "false"), null: fc.constant("null") }[
      type.type
    ] ?? anything
  );
}

const one = (type: RegoType | readonly RegoType[] | undefined): RegoType =>
  Array.isArray(type) || type === undefined ? { type: "any" } : (type as RegoType);

const listOf = (item: fc.Arbitrary<string>) => fc.array(item, { maxLength: 4 }).map(list);
