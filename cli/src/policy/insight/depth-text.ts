import { styleText } from "node:util";
import type { JsonValue } from "@vivified/contracts";
import type { Explanation } from "@vivified/pdp";

const mostNear = 5;
const longestValue = 160;
const bold = (text: string): string => styleText("bold", text);
const dim = (text: string): string => styleText("dim", text);

/** Why, what nearly was, and what would have turned it; with `all`, every rule that nearly fired. */
export function depthText(told: Explanation, { all = false }: { readonly all?: boolean } = {}): string {
  const parts = [
    disagreement(told),
    reasons(told),
    silent(told),
    near(told, all),
    fields(told),
    counterfactuals(told),
    footer(told),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

/** Loud: it means that a log, an engine or a bundle is not what it seems. */
function disagreement({ engines_agree, log_agrees, bounded_by }: Explanation): string {
  if (bounded_by !== undefined && log_agrees !== false) {
    return `The engine stops at a bound of its own (${bounded_by}). The rules below are what they would say without it.`;
  }
  const lines = [
    ...(log_agrees === false ? ["The log says something else than this revision answers now."] : []),
    ...(engines_agree ? [] : ["The Wasm engine and the interpreter do not agree."]),
  ];
  return lines.map((line) => styleText(["bold", "red"], `!! ${line} !!`)).join("\n");
}

function reasons({ verdict, fired }: Explanation): string {
  const mark = verdict.effect === "deny" ? styleText("red", "✗") : styleText("green", "✓");
  const lines = verdict.reasons.map(({ rule, message, fix }) => {
    const at = fired.find((one) => one.rule === rule);
    const place = at === undefined ? "" : `\n      ${dim(`${at.file}:${at.row}`)}`;
    return `  ${mark} ${bold(rule)}  ${message}\n      fix: ${fix}${place}`;
  });
  return [bold("Why"), ...lines].join("\n");
}

/** Rules that fired and are not among the reasons: overruled, or not enforced. */
function silent({ verdict, fired }: Explanation): string {
  const said = new Set(verdict.reasons.map(({ rule }) => rule));
  const others = fired.filter(({ rule, effect }) => !said.has(rule) && effect !== "oblige");
  if (others.length === 0) return "";
  const lines = others.map(({ rule, title, mode, effect }) => {
    const why = mode !== "enforce" ? `mode ${mode}` : effect === "allow" ? "a denial overrules it" : "it did not count";
    return `  ${rule}  ${title}  ${dim(`(${why})`)}`;
  });
  return [bold("Fired without counting"), ...lines].join("\n");
}

function near({ near: all, verdict }: Explanation, whole: boolean): string {
  const turning = verdict.effect === "deny" ? "allow" : "deny";
  const sorted = all.toSorted((a, b) => Number(b.effect === turning) - Number(a.effect === turning));
  const shown = whole ? sorted : sorted.slice(0, mostNear);
  if (shown.length === 0) return "";
  const more = sorted.length - shown.length;
  return [bold("Nearly fired"), ...shown.map(nearText), ...(more > 0 ? [dim(`  … ${more} more: --all`)] : [])].join(
    "\n",
  );
}

function nearText({ rule, title, mode, failed }: Explanation["near"][number]): string {
  const { number, of, passed, tries, file, row, text, values } = failed;
  const which = number === 0 ? "what it says is undefined" : `condition ${number} of ${of} is not true`;
  const further = [
    ...(passed > 0 ? [`${passed} before it ${passed === 1 ? "is" : "are"}`] : []),
    ...(tries > 1 ? [`tried ${tries} times, the first:`] : []),
    ...(mode === "enforce" ? [] : [`mode ${mode}`]),
  ];
  const lines = [
    `  ${bold(rule)}  ${title}`,
    `      ${[which, ...further].join(", ")}`,
    `      ${dim(`${file}:${row}`)}  ${text}`,
  ];
  return [...lines, ...values.map(({ text: name, value }) => `        ${name} = ${valueText(value)}`)].join("\n");
}

function valueText(value: JsonValue | undefined): string {
  if (value === undefined) return styleText("yellow", "undefined");
  const text = JSON.stringify(value);
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text;
}

function fields({ origins }: Explanation): string {
  if (origins.length === 0) return "";
  const width = Math.max(...origins.map(({ path }) => path.length));
  const lines = origins.map(({ path, action, traits, cleared_by, rules }) => {
    const why = [
      ...(traits.length > 0 ? [`carries ${traits.join(" and ")}`] : []),
      ...(rules.length > 0 ? [`asked for by ${rules.join(", ")}`] : []),
      ...(cleared_by.length > 0
        ? [cleared_by.map(({ party, trait }) => `${party} with ${trait} would see it`).join(", or ")]
        : []),
    ];
    return `  ${path.padEnd(width)}  ${styleText("yellow", action)}  ${why.join("; ")}`;
  });
  return [bold("Fields"), ...lines].join("\n");
}

function counterfactuals({ counterfactuals: found, verdict }: Explanation): string {
  if (verdict.effect !== "deny") return "";
  const head = bold("It would be allowed if");
  if (found.length === 0) return `${head}\n  nothing that was tried: no three facts of the question turn it`;
  return [head, ...found.map(({ facts, effect }) => `  • ${facts.join(", and ")}  ${dim(`(${effect})`)}`)].join("\n");
}

function footer({ not_tried, traced_fields, log_agrees }: Explanation): string {
  const lines = [
    ...(not_tried > 0 ? [`${not_tried} rules for this question were not tried: they are keyed to others`] : []),
    ...(traced_fields === undefined ? [] : [`too many fields for every step: rules were traced with ${traced_fields}`]),
    ...(log_agrees === true ? ["the log, the interpreter and the engine agree"] : []),
  ];
  return lines.map(dim).join("\n");
}
