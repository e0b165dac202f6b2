import type { LineFormat } from "@vivified/contracts";
import { cursorOf } from "../decision-cursor.ts";
import type { DecisionCursor, DecisionFilter, DecisionStore, KeptDecision } from "../decision-store.ts";
import { csvHead, csvLine } from "./csv-line.ts";
import { ndjsonLine } from "./ndjson-line.ts";
import { opaLines } from "./opa-lines.ts";

/** Records can be large: a page of them is what is in memory at a time. */
const pageSize = 200;

/** How each format writes one decision. */
const lineOf: { readonly [format in LineFormat]: (kept: KeptDecision) => string } = {
  ndjson: ndjsonLine,
  csv: csvLine,
  opa: opaLines,
};

export type ExportLines = {
  readonly format: LineFormat;
  readonly filter: DecisionFilter;
};

/** What a search finds, to its end, as text page after page; the next page is read when the last one was taken. */
export async function* exportLines(
  { format, filter }: ExportLines,
  decisions: Pick<DecisionStore, "search">,
): AsyncGenerator<string> {
  if (format === "csv") yield csvHead;
  let before: DecisionCursor | undefined;
  do {
    const page = await decisions.search(filter, pageSize, before);
    if (page.length > 0) yield page.map(lineOf[format]).join("");
    const last = page.length === pageSize ? page.at(-1) : undefined;
    before = last && cursorOf(last.record);
  } while (before !== undefined);
}
