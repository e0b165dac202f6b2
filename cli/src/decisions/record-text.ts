import { styleText } from "node:util";
import type { DecisionRecord, OutcomeRecord, Verdict } from "@vivified/contracts";
import { deedOf } from "../policy/insight/deed.ts";
import { effectText } from "../terminal/decision-line.ts";
import type { FoundDecision } from "./find-decision.ts";

const bold = (text: string): string => styleText("bold", text);

/** A decision for people: who did what to what, what came of it and why, as it is recorded. */
export function recordText({ record, outcome, log_index }: FoundDecision): string {
  const parts = [
    `${bold(effectText(record.result.effect))}  ${deedOf(record)}`,
    table([...rowsOf(record), ["outcome", outcomeText(record, outcome)], ["place", placeText(log_index)]]),
    reasonsText(record.result),
    ...obligationsText(record.result),
  ];
  return parts.join("\n\n");
}

function rowsOf(record: DecisionRecord): readonly (readonly [string, string | undefined])[] {
  const { decision_id, timestamp, lane, entrypoint, caller, action, resource, target, erased, masked } = record;
  return [
    ["decision", decision_id],
    ["time", timestamp],
    ["lane", `${lane} (${entrypoint})`],
    ["caller", caller],
    ["action", action],
    ["resource", resource],
    ["target", target],
    ["revision", record.revision],
    ["trace", record.trace_id],
    ["follows", record.parent_id],
    ["erased", erased?.join(", ")],
    ["masked", masked?.join(", ")],
  ];
}

function table(rows: readonly (readonly [string, string | undefined])[]): string {
  const told = rows.filter(([, value]) => value !== undefined && value !== "");
  return told.map(([name, value]) => `  ${name.padEnd(8)}  ${value}`).join("\n");
}

function outcomeText({ lane, result }: DecisionRecord, outcome: OutcomeRecord | undefined): string | undefined {
  if (outcome !== undefined) {
    const { status, code, duration_ms } = outcome;
    const more = [status === undefined ? "" : `status ${status}`, code ?? "", `after ${Math.round(duration_ms)} ms`];
    return [outcome.outcome, ...more].filter(Boolean).join(", ");
  }
  if (result.effect === "deny") return "denied, so nothing was done";
  return lane === "core" ? undefined : "none was told";
}

const placeText = (index: number | undefined): string =>
  index === undefined ? "none in the log yet" : `${index} in the log`;

function reasonsText({ effect, reasons, would_deny = [] }: Verdict): string {
  const mark = effect === "deny" ? styleText("red", "✗") : styleText("green", "✓");
  const line = (sign: string, { rule, message, fix }: Verdict["reasons"][number]) =>
    `  ${sign} ${bold(rule)}  ${message}${fix === "" ? "" : `\n      fix: ${fix}`}`;
  const reported = would_deny.map((reason) => line("would deny:", reason));
  return [bold("Reasons"), ...reasons.map((reason) => line(mark, reason)), ...reported].join("\n");
}

function obligationsText({ obligations }: Verdict): readonly string[] {
  if (obligations.length === 0) return [];
  const lines = obligations.map(({ path, action }) => `  ${styleText("yellow", action)}  ${path}`);
  return [[bold("Obligations"), ...lines].join("\n")];
}
