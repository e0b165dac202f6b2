import type { KeptDecision } from "../decision-store.ts";
import { harmlessCell } from "./harmless-cell.ts";

type Cell = string | number | undefined;

/** The columns of an export, in order; a column is never renamed or moved, new ones come last. */
const columns: readonly (readonly [name: string, of: (kept: KeptDecision) => Cell])[] = [
  ["timestamp", ({ record }) => record.timestamp],
  ["decision_id", ({ record }) => record.decision_id],
  ["lane", ({ record }) => record.lane],
  ["entrypoint", ({ record }) => record.entrypoint],
  ["caller", ({ record }) => record.caller],
  ["action", ({ record }) => record.action],
  ["resource", ({ record }) => record.resource],
  ["target", ({ record }) => record.target],
  ["effect", ({ record }) => record.result.effect],
  ["rules", ({ record }) => listed(record.result.reasons.map(({ rule }) => rule))],
  ["reasons", ({ record }) => listed(record.result.reasons.map(({ message }) => message))],
  ["obligations", ({ record }) => listed(record.result.obligations.map(({ path, action }) => `${action} ${path}`))],
  ["would_deny", ({ record }) => listed((record.result.would_deny ?? []).map(({ rule }) => rule))],
  ["revision", ({ record }) => record.revision],
  ["snapshot", ({ record }) => record.snapshot],
  ["trace_id", ({ record }) => record.trace_id],
  ["parent_id", ({ record }) => record.parent_id],
  ["payload_digest", ({ record }) => record.payload_digest],
  ["payload_bytes", ({ record }) => record.payload_bytes],
  ["labels", ({ record }) => listed(Object.entries(record.labels).map(([name, value]) => `${name}=${value}`))],
  ["outcome", ({ outcome }) => outcome?.outcome],
  ["status", ({ outcome }) => outcome?.status],
  ["code", ({ outcome }) => outcome?.code],
  ["duration_ms", ({ outcome }) => outcome?.duration_ms],
];

/** The first line: the names of the columns. */
export const csvHead: string = lineOf(columns.map(([name]) => name));

/** A decision and what became of it as one line of CSV (RFC 4180: every cell quoted, CRLF), safe in a spreadsheet. */
export function csvLine(kept: KeptDecision): string {
  return lineOf(columns.map(([, of]) => of(kept)));
}

/** Several values in one cell. */
const listed = (values: readonly string[]): string => values.join("; ");

function lineOf(cells: readonly Cell[]): string {
  return `${cells.map(quoted).join(",")}\r\n`;
}

function quoted(cell: Cell): string {
  return `"${harmlessCell(String(cell ?? "")).replaceAll('"', '""')}"`;
}
