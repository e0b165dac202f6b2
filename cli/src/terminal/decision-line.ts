import { styleText } from "node:util";
import type { DecisionRow } from "@vivified/contracts";

const colours = { allow: "green", sanitize: "yellow", deny: "red" } as const;

/** An effect in its colour; padding stays. */
export function effectText(text: string): string {
  const effect = text.trim();
  return Object.hasOwn(colours, effect) ? styleText(colours[effect as keyof typeof colours], text) : text;
}

/** What it was done to; the other side is told when the resource does not name it already. A route is its own action. */
export function aboutWhat({ action, resource, target }: DecisionRow): string {
  if (action.endsWith(` ${resource}`)) return target ?? "";
  return target === undefined || resource.includes(target) ? resource : `${resource} → ${target}`;
}

/** `caller → action → target: effect, rule, fields`: one decision as a sentence. */
export function decisionLine(row: DecisionRow): string {
  const { caller, action, effect, reasons, obligations, outcome } = row;
  const rules = reasons.map(({ rule }) => rule).join(", ");
  const fields = obligations.map(({ path, action: what }) => `${what} ${path}`).join(", ");
  const parts = [effectText(effect), rules, fields, outcome && outcome.outcome !== "done" ? outcome.outcome : ""];
  const deed = [caller, action, aboutWhat(row)].filter(Boolean).join(" → ");
  return `${deed}: ${parts.filter(Boolean).join("; ")}`;
}
