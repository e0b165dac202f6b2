import { join } from "node:path";
import { runOpa } from "../../bundle/run-opa.ts";
import type { AstTerm, Place } from "./trace-event.ts";

/** A term as it stands in the source. `path` is that of a plain reference: `["input", "grant", "id"]`. */
export type SourceTerm = Place & { readonly text: string; readonly type: string; readonly path?: readonly string[] };

/** A condition of a rule, or what the rule says (its head), with every term in it. */
export type SourcePart = Place & { readonly text: string; readonly terms: readonly SourceTerm[] };

export type RuleSource = Place & {
  /** From its annotations, when it has one. */
  readonly id?: string;
  readonly name: string;
  readonly text: string;
  readonly head: SourcePart;
  readonly conditions: readonly SourcePart[];
};

type Located = { readonly location?: Place & { readonly text: string } };
type ParsedRule = Located & {
  readonly head: Located & { readonly name?: string; readonly ref?: readonly AstTerm[] };
  readonly body: readonly Located[];
  readonly annotations?: readonly { readonly custom?: { readonly id?: string } }[];
};

/** The rules of a file below `directory` as they were written, by OPA's parser. */
export async function parseRules(opa: string, directory: string, file: string): Promise<readonly RuleSource[]> {
  const args = ["parse", "--format", "json", "--json-include", "locations", join(directory, file)];
  const { rules = [] }: { rules?: readonly ParsedRule[] } = JSON.parse(await runOpa({ opa, cwd: directory, args }));
  return rules.map((rule) => ruleIn(file, rule));
}

function ruleIn(file: string, rule: ParsedRule): RuleSource {
  const whole = partOf(file, rule);
  // A rule without conditions gets the condition `true` from the parser, at the rule's own place.
  const written = rule.body.filter(({ location }) => location?.row !== whole.row || location.col !== whole.col);
  const { row, col, text } = whole;
  const conditions = written.map((condition) => partOf(file, condition));
  const head = { ...partOf(file, rule.head), row, col, text: headText(text) };
  const id = rule.annotations?.find(({ custom }) => custom?.id !== undefined)?.custom?.id;
  return { file, row, col, text, name: nameOf(rule), head, conditions, ...(id !== undefined && { id }) };
}

/** `deny["send_email"]` and `deny["*"]` are one rule's name in different keys: `deny`. */
const nameOf = ({ head }: ParsedRule): string => head.name ?? String(head.ref?.[0]?.value ?? "");

const headText = (text: string): string => text.split(/\s+if\s/)[0] ?? text;

function partOf(file: string, node: Located): SourcePart {
  const { row = 0, col = 0 } = node.location ?? {};
  return { file, row, col, text: textOf(node), terms: termsIn(file, node) };
}

const textOf = ({ location }: Located): string => Buffer.from(location?.text ?? "", "base64").toString("utf8");

/** Every term below a node that says where it stands. */
function termsIn(file: string, node: unknown): SourceTerm[] {
  if (Array.isArray(node)) return node.flatMap((item) => termsIn(file, item));
  if (typeof node !== "object" || node === null) return [];
  const below = Object.entries(node).flatMap(([key, item]) => (key === "location" ? [] : termsIn(file, item)));
  return isTerm(node) ? [termOf(file, node), ...below] : below;
}

type LocatedTerm = AstTerm & Required<Located>;
const isTerm = (node: object): node is LocatedTerm => "type" in node && "value" in node && "location" in node;

function termOf(file: string, term: LocatedTerm): SourceTerm {
  const { row, col } = term.location;
  const path = term.type === "ref" ? plainPath(term.value as readonly AstTerm[]) : undefined;
  return { file, row, col, text: textOf(term), type: term.type, ...(path && { path }) };
}

/** The names of a reference that holds nothing but names. */
function plainPath([root, ...rest]: readonly AstTerm[]): string[] | undefined {
  if (root?.type !== "var" || rest.some(({ type }) => type !== "string")) return undefined;
  return [root, ...rest].map(({ value }) => String(value));
}
