import type { DecisionRow } from "@vivified/contracts";
import { decisionLine } from "../terminal/decision-line.ts";
import { harmless, harmlessJson } from "../terminal/harmless.ts";

/** One decision on one line: when, its id, and what came of it; or all of it as JSON. */
export function decisionText(row: DecisionRow, { json }: { readonly json?: boolean }): string {
  if (json) return harmlessJson(row);
  const shown = harmless(row);
  return `${shown.timestamp}  ${shown.decision_id}  ${decisionLine(shown)}`;
}
