import { isJsonObject, type JsonObject, type JsonValue } from "@vivified/contracts";
import { type Document, isCollection, isMap, isSeq, parseDocument } from "yaml";
import type { PolicyCase } from "./policy-case.ts";

/**
 * A file of cases with one more at its end; without a text, a file with this one. Comments and the rest stay as they are.
 * What is written reads back as the same case (`parseCases`).
 *
 * @throws Error when the text is no file of cases
 */
export function formatCase(one: PolicyCase, text = "cases: []\n"): string {
  const document = parseDocument(text);
  const cases = document.get("cases");
  if (document.errors.length > 0 || !isSeq(cases)) throw new Error("this is no file of cases");
  cases.flow = false;
  document.addIn(["cases"], document.createNode(writtenAs(one)));
  inOneLine(document);
  return document.toString({ lineWidth: 120, flowCollectionPadding: false });
}

function writtenAs({ name, entrypoint, input, nd_builtin_cache: nd, expect }: PolicyCase): JsonObject {
  const question = inParts(input) ?? { input };
  const asked = { case: name, ask: entrypoint, ...question, ...(nd && { nd }), expect };
  return JSON.parse(JSON.stringify(asked)) as JsonObject;
}

/** The question by its parts, where it has no others; undefined when only the whole of it says it. */
function inParts(input: JsonObject): JsonObject | undefined {
  const { subject, resource, grant, fields, attributes, ...others } = input;
  if (subject === undefined || resource === undefined || Object.keys(others).length > 0) return undefined;
  if ((fields === undefined) !== (attributes === undefined)) return undefined;
  const granted = grantId(grant);
  if (grant !== undefined && granted === undefined) return undefined;
  return {
    ...{ subject, resource },
    ...(granted !== undefined && { grant: granted }),
    ...(notEmpty(fields) && { fields }),
    ...(notEmpty(attributes) && { attributes }),
  };
}

function grantId(grant: JsonValue | undefined): string | undefined {
  if (!isJsonObject(grant) || Object.keys(grant).length !== 1) return undefined;
  return typeof grant.id === "string" && grant.id !== "" ? grant.id : undefined;
}

const notEmpty = (value: JsonValue | undefined): value is JsonValue =>
  typeof value === "object" && value !== null && Object.keys(value).length > 0;

/** Small things on a line of their own: people read cases as a table. */
function inOneLine(document: Document): void {
  const cases = document.get("cases");
  const last = isSeq(cases) ? cases.items.at(-1) : undefined;
  if (!isMap(last)) return;
  for (const { value } of last.items) if (isCollection(value)) shorten(value);
}

function shorten(node: unknown): void {
  if (!isCollection(node)) return;
  if (JSON.stringify(node).length <= 100) node.flow = true;
  else for (const item of node.items) shorten(typeof item === "object" && item && "value" in item ? item.value : item);
}
