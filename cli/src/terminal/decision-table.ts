import { styleText } from "node:util";
import type { DecisionRow } from "@vivified/contracts";
import { aboutWhat, effectText } from "./decision-line.ts";

const columns = ["time", "trace", "caller", "action", "resource", "effect", "rules", "reasons"] as const;

/** Decisions as a table, one row each: who did what to what, what came of it, by which rules and why. */
export function decisionTable(rows: readonly DecisionRow[]): string {
  const cells = rows.map(cellsOf);
  const widths = columns.map((name, index) => Math.max(name.length, ...cells.map((row) => row[index]?.length ?? 0)));
  const line = (row: readonly string[], paint: (text: string, index: number) => string) =>
    row
      .map((cell, index) => paint(cell.padEnd(widths[index] ?? 0), index))
      .join("  ")
      .trimEnd();
  const head = line([...columns], (text) => styleText("bold", text));
  const effect = columns.indexOf("effect");
  return [head, ...cells.map((row) => line(row, (text, index) => (index === effect ? effectText(text) : text)))].join(
    "\n",
  );
}

function cellsOf(row: DecisionRow): string[] {
  const { caller, action, effect, reasons, would_deny = [], trace_id } = row;
  const rules = [...reasons.map(({ rule }) => rule), ...would_deny.map(({ rule }) => `would deny: ${rule}`)].join(", ");
  const why = reasons.map(({ message }) => message).join("; ");
  return [row.timestamp.slice(11, 23), trace_id.slice(0, 8), caller, action, aboutWhat(row), effect, rules, why];
}
