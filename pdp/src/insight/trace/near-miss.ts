import { isJsonObject, type JsonObject, type JsonValue } from "@vivified/contracts";
import type { TracedFailure } from "./read-trace.ts";
import type { RuleSource, SourcePart, SourceTerm } from "./rule-source.ts";
import { type Place, type TraceEvent, valueOfTerm } from "./trace-event.ts";

/** A part of a condition as it was written, and what it was; without `value` it was undefined. */
export type SeenValue = { readonly text: string; readonly value?: JsonValue };

/** The condition that was not true. `number` counts from 1; 0 is what the rule says itself (its head). */
export type FailedCondition = Place & {
  readonly text: string;
  readonly number: number;
  readonly of: number;
  /** How many of the rule's conditions were true before it. */
  readonly passed: number;
  /** How often it was tried, each time with another value of a variable before it. `values` are of the first time. */
  readonly tries: number;
  readonly values: readonly SeenValue[];
};

/** Puts a failed step of a trace into the words of the source. */
export function failedCondition(rule: RuleSource, failure: TracedFailure, input: JsonObject): FailedCondition {
  const { conditions, head } = rule;
  const number = numberAt(conditions, failure.event.Location);
  const part = conditions[number - 1] ?? head;
  const passed = new Set(failure.passed.map((place) => numberAt(conditions, place)));
  passed.delete(number);
  passed.delete(0);
  return {
    ...{ file: part.file, row: part.row, col: part.col, text: oneLine(part.text) },
    ...{ number, of: conditions.length, passed: passed.size, tries: failure.tries },
    values: seenValues(part, failure.event, input),
  };
}

/** The last condition that begins at a place or before it. */
function numberAt(conditions: readonly SourcePart[], place: Place | null): number {
  if (place === null) return 0;
  return conditions.findLastIndex(({ row, col }) => row < place.row || (row === place.row && col <= place.col)) + 1;
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ").trim();

/** What the parts of a condition were: references into the input and into variables, variables, and results of calls. */
function seenValues(part: SourcePart, event: TraceEvent, input: JsonObject): readonly SeenValue[] {
  const whole = oneLine(part.text);
  const references = referenceValues(part, { ...variablesOf(event), input });
  const looked = new Set(references.map(({ root }) => root));
  const others = localValues(part, event).filter(({ text }) => !looked.has(text));
  const seen = [...references.map(({ root: _, ...value }) => value), ...others].filter(({ text }) => text !== whole);
  return seen.filter(({ text }, index) => seen.findIndex((other) => other.text === text) === index);
}

function referenceValues({ terms }: SourcePart, scope: JsonObject): (SeenValue & { readonly root: string })[] {
  return terms.flatMap(({ path: [root = "", ...path] = [], text }) => {
    if (path.length === 0 || !Object.hasOwn(scope, root)) return [];
    const value = path.reduce<JsonValue | undefined>(memberOf, scope[root]);
    return [{ root, text, ...(value !== undefined && { value }) }];
  });
}

function memberOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** Variables of the source, by name. */
function variablesOf({ Locals, LocalMetadata }: TraceEvent): JsonObject {
  const named = (Locals ?? []).flatMap((local) => {
    const { name = "__" } = LocalMetadata?.[local.name] ?? {};
    const value = valueOfTerm(local);
    return name.startsWith("__") || value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(named);
}

/** Locals stand for a variable of the source, or for the term at the place that the compiler took them from. */
function localValues({ terms }: SourcePart, { Locals, LocalMetadata }: TraceEvent): SeenValue[] {
  return (Locals ?? []).flatMap((local) => {
    const { name = local.name, location = null } = LocalMetadata?.[local.name] ?? {};
    const term = name.startsWith("__") ? longestAt(terms, location) : terms.find((one) => isVariable(one, name));
    const value = valueOfTerm(local);
    if (term === undefined || value === undefined || isAnnotations(term)) return [];
    return [{ text: oneLine(term.text), value }];
  });
}

/** What a rule says of itself is the same whatever was asked. */
const isAnnotations = ({ text }: SourceTerm): boolean => text.startsWith("rego.metadata.");

const isVariable = ({ type, text }: SourceTerm, name: string): boolean => type === "var" && text === name;

function longestAt(terms: readonly SourceTerm[], place: Place | null): SourceTerm | undefined {
  const here = terms.filter(({ row, col }) => row === place?.row && col === place.col);
  return here.toSorted((a, b) => b.text.length - a.text.length)[0];
}
