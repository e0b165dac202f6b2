import type { TSchema } from "typebox";
import { Value } from "typebox/value";
import { type Document, isNode, LineCounter, parseDocument } from "yaml";
import { inputSchemas } from "../input-schemas.ts";
import { CaseFile, type WrittenCase } from "./case-file.ts";
import { completeInput, type Misfit } from "./complete-input.ts";
import type { CaseFault, PlacedCase } from "./policy-case.ts";

export type ParsedCases = { readonly cases: readonly PlacedCase[]; readonly faults: readonly CaseFault[] };

/** Reads a file of cases. All that is wrong with it is told together, each with its place; then there are no cases. */
export function parseCases(text: string, file: string): ParsedCases {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const placed = (offset: number, message: string): CaseFault => ({ file, ...placeIn(lines, offset), message });
  const broken = document.errors.map(({ pos, message }) => placed(pos[0], message));
  if (broken.length > 0) return { cases: [], faults: broken };
  const value = contentOf(document);
  const read = Value.Check(CaseFile, value) ? readCases(value) : { cases: [], misfits: schemaMisfits(CaseFile, value) };
  const at = (path: Misfit["at"]) => offsetOf(document, path);
  const faults = read.misfits.map((misfit) => placed(at(misfit.at), misfit.message));
  if (faults.length > 0) return { cases: [], faults };
  const cases = read.cases.map((one, index) => ({ ...one, file, ...placeIn(lines, at(["cases", index])) }));
  return { cases, faults };
}

type ReadCases = {
  readonly cases: readonly Omit<PlacedCase, "file" | "row" | "column">[];
  readonly misfits: readonly Misfit[];
};

function readCases({ given, cases }: CaseFile): ReadCases {
  const read = cases.map((written, index) => readCase(written, given, index));
  const names = cases.map((written) => written.case);
  const twice = names.flatMap((name, index) =>
    names.indexOf(name) === index ? [] : [{ at: ["cases", index, "case"], message: `there is another case "${name}"` }],
  );
  return { cases: read.map(({ result }) => result), misfits: [...read.flatMap(({ misfits }) => misfits), ...twice] };
}

function readCase(written: WrittenCase, given: CaseFile["given"], index: number) {
  const { input, misfits } = completeInput(written, given);
  const wrong = misfits.length > 0 ? misfits : schemaMisfits(inputSchemas[written.ask], input).map(inCase);
  const { case: name, ask: entrypoint, nd, expect } = written;
  const result = { name, entrypoint, input, expect, ...(nd && { nd_builtin_cache: nd }) } as ReadCases["cases"][number];
  return { result, misfits: wrong.map(({ at, message }) => ({ at: ["cases", index, ...at], message })) };
}

/** What the schema of a question says, in terms of the case that asks it. */
const inCase = ({ at, message }: Misfit): Misfit => ({ at, message: `the question: ${message}` });

/** A member that has no place is told where it stands, not where it is missing from the schema. */
function schemaMisfits(schema: TSchema, value: unknown): Misfit[] {
  const errors = Value.Errors(schema, value).filter(({ keyword }) => keyword !== "additionalProperties");
  return errors.map(({ keyword, instancePath, message, params }) => {
    const path = instancePath || "/";
    if (keyword === "boolean") return { at: segmentsOf(instancePath), message: `${path} has no place here` };
    const allowed = "allowedValues" in params ? `: ${JSON.stringify(params.allowedValues)}` : "";
    return { at: segmentsOf(instancePath), message: `${path} ${message}${allowed}` };
  });
}

function segmentsOf(pointer: string): (string | number)[] {
  const parts = pointer.split("/").slice(1);
  return parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part.replaceAll("~1", "/").replaceAll("~0", "~")));
}

function contentOf(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    return undefined; // more aliases than anybody writes by hand
  }
}

/** Where a path is, or the nearest thing around it that is there. */
function offsetOf(document: Document, path: Misfit["at"]): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

function placeIn(lines: LineCounter, offset: number): { row: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { row: Math.max(line, 1), column: Math.max(col, 1) };
}
