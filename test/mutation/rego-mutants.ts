import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Mutant } from "./mutant.ts";

const run = promisify(execFile);

export type RegoSource = { readonly opa: string; readonly directory: string; readonly file: string };

/** A node of OPA's syntax tree, as far as we look at it. */
type Node = { readonly [key: string]: unknown } | readonly unknown[] | string | number | boolean | null;
type Place = { readonly row: number; readonly col: number; readonly text: string };
type Change = { readonly place: Place; readonly becomes: string; readonly what: string };

/**
 * Small faults that somebody could make in a Rego file: a condition dropped or turned round, an operator flipped, a
 * constant changed, a member of a set or a whole rule left out. Places come from OPA's own parser.
 */
export async function regoMutants({ opa, directory, file }: RegoSource, text: string): Promise<readonly Mutant[]> {
  const args = ["parse", "--format", "json", "--json-include", "locations", file];
  const { stdout } = await run(opa, args, { cwd: directory, maxBuffer: 64 * 1024 * 1024 });
  const { rules = [] }: { rules?: Node[] } = JSON.parse(stdout);
  const changes = rules.flatMap((rule) => [...wholeRule(rule), ...changesIn(rule)]);
  const offsets = lineOffsets(text);
  const mutants = changes.flatMap((change) => mutantOf(change, { file, text, offsets }));
  return [...new Map(mutants.map((mutant) => [mutant.content, mutant])).values()];
}

type Source = { readonly file: string; readonly text: string; readonly offsets: readonly number[] };

function mutantOf({ place, becomes, what }: Change, { file, text, offsets }: Source): Mutant[] {
  const start = (offsets[place.row - 1] ?? 0) + place.col - 1;
  const end = start + place.text.length;
  // The parser misplaces an index into a literal (`[…][0]`); what is in there has places of its own.
  if (text.slice(start, end) !== place.text || becomes === place.text) return [];
  const id = `${file}: ${what}: ${oneLine(place.text)} → ${oneLine(becomes) || "nothing"}`;
  return [{ id, file, row: place.row, content: text.slice(0, start) + becomes + text.slice(end) }];
}

/** A rule without `default` and functions of one clause would leave its users undefined: that is a fault, too. */
function wholeRule(rule: Node): Change[] {
  const place = placeOf(rule);
  return place === undefined ? [] : [{ place, becomes: "", what: "drop the rule" }];
}

function changesIn(node: Node): Change[] {
  if (Array.isArray(node)) return node.flatMap((item: Node) => changesIn(item));
  if (!isObject(node)) return [];
  const inside = Object.entries(node)
    .filter(([key]) => key !== "location" && key !== "annotations")
    .flatMap(([, child]) => changesIn(child as Node));
  return [...expressionChanges(node), ...termChanges(node), ...inside];
}

const isObject = (node: unknown): node is { readonly [key: string]: unknown } =>
  typeof node === "object" && node !== null && !Array.isArray(node);

/** Expressions carry their index in the body. `true` is what OPA puts in for a body that is not there. */
function expressionChanges(node: { readonly [key: string]: unknown }): Change[] {
  const place = placeOf(node);
  if (typeof node.index !== "number" || place === undefined || place.text === "true") return [];
  const turned = node.negated === true ? place.text.replace(/^not\s+/, "") : `not ${place.text}`;
  return [
    { place, becomes: "true", what: "drop the condition" },
    { place, becomes: turned, what: "turn the condition round" },
    ...operatorChanges(place),
  ];
}

const operators: Readonly<Record<string, string>> = {
  " == ": " != ",
  " != ": " == ",
  " <= ": " > ",
  " >= ": " < ",
  " < ": " >= ",
  " > ": " <= ",
  " & ": " | ",
  " | ": " & ",
  " - ": " | ",
};

function operatorChanges(place: Place): Change[] {
  return Object.entries(operators).flatMap(([operator, other]) => {
    const at = place.text.indexOf(operator);
    if (at < 0) return [];
    const becomes = place.text.slice(0, at) + other + place.text.slice(at + operator.length);
    return [{ place, becomes, what: "flip the operator" }];
  });
}

function termChanges(node: { readonly [key: string]: unknown }): Change[] {
  const place = placeOf(node);
  if (place === undefined) return [];
  if (node.type === "string" && place.text.startsWith('"')) return [constant(place, '"mutant"')];
  if (node.type === "number") return [constant(place, String(Number(place.text) + 1))];
  if (node.type === "boolean" && /^(true|false)$/.test(place.text)) {
    return [constant(place, place.text === "true" ? "false" : "true")];
  }
  if (["set", "array"].includes(String(node.type)) && Array.isArray(node.value)) return memberChanges(node.value);
  return [];
}

const constant = (place: Place, becomes: string): Change => ({ place, becomes, what: "change the constant" });

/** A member is replaced rather than cut out, so that commas stay right. */
function memberChanges(members: readonly unknown[]): Change[] {
  return members.flatMap((member) => {
    const place = isObject(member) ? placeOf(member) : undefined;
    return place === undefined ? [] : [{ place, becomes: '"mutant"', what: "replace the member" }];
  });
}

function placeOf(node: unknown): Place | undefined {
  if (!isObject(node) || !isObject(node.location)) return undefined;
  const { row, col, text } = node.location;
  if (typeof row !== "number" || typeof col !== "number" || typeof text !== "string") return undefined;
  return { row, col, text: Buffer.from(text, "base64").toString("utf8") };
}

function lineOffsets(text: string): readonly number[] {
  return [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
}

const oneLine = (text: string): string => {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > 90 ? `${line.slice(0, 87)}…` : line;
};
