import { styleText } from "node:util";
import type { DecisionRow } from "@vivified/contracts";

const colours = { allow: "green", sanitize: "yellow", deny: "red" } as const;

/** An effect in its colour; padding stays. */
export function effectText(text: string): string {
  const effect = text.trim();
  return Object.hasOwn(colours, effect) ? styleText(colours[effect as keyof typeof colours], text) : text;
}

/** `caller → action → target: effect, rule, fields`: one decision as a sentence. */
export function decisionLine(row: DecisionRow): string {
  const { caller, action, resource, target, effect, reasons, obligations, outcome } = row;
  const to = target === undefined || resource.startsWith(target) ? resource : `${resource} → ${target}`;
  const rules = reasons.map(({ rule }) => rule).join(", ");
  const fields = obligations.map(({ path, action: what }) => `${what} ${path}`).join(", ");
  const parts = [effectText(effect), rules, fields, outcome && outcome.outcome !== "done" ? outcome.outcome : ""];
  return `${caller} → ${action} → ${to}: ${parts.filter(Boolean).join("; ")}`;
}
