import { classRows, conclusion, type HeldReport, unjudgedRows } from "./held-report.ts";

const mostRows = 20;

/** A replay as a comment for a pull request. Ids of callers and rules are code: nothing in them is markup. */
export function replayMarkdown(report: HeldReport): string {
  const { candidate, against, records } = report;
  const compared = `Candidate ${code(candidate)} against ${against === "log" ? "the decision log" : code(against)}`;
  return [
    "### What this policy change does",
    `${compared}: **${records.judged}** of ${records.read} records judged. **${conclusion(report)}**`,
    totals(report),
    flips(report),
    fields(report),
    failing(report),
    unseen(report),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function totals(report: HeldReport): string {
  const judged = classRows(report).map(([, words, count]) => [words, `${count}`]);
  const skipped = unjudgedRows(report).map(([words, count]) => [`not judged: ${words}`, `${count}`]);
  return table(["", "decisions"], [...judged, ...skipped]);
}

function flips({ flips: rows, undeclared_flips }: HeldReport): string {
  const cells = rows.map((flip) => [
    `${flip.from} → ${flip.to}`,
    code(flip.entrypoint),
    code(flip.caller),
    flip.rules.map(code).join(", "),
    `${flip.count}`,
    undeclared_flips.includes(flip) ? "**no**" : "yes",
    code(flip.examples[0] ?? ""),
  ]);
  return table(["flip", "question", "caller", "denied by", "decisions", "declared", "example"], cells);
}

function fields({ fields: rows, undeclared_fields }: HeldReport): string {
  const cells = rows.map((field) => [
    code(field.path),
    `${field.from} → ${field.to}`,
    code(field.entrypoint),
    code(field.caller),
    `${field.count}`,
    undeclared_fields.includes(field) ? "**no**" : "yes",
    code(field.examples[0] ?? ""),
  ]);
  return table(["field", "change", "question", "caller", "decisions", "declared", "example"], cells);
}

function failing({ newly_failing }: HeldReport): string {
  const cells = newly_failing.map(({ rule, entrypoint, caller, count }) => [
    code(rule),
    code(entrypoint),
    code(caller),
    `${count}`,
  ]);
  return table(["newly failing", "question", "caller", "decisions"], cells);
}

function unseen({ unseen: rows }: HeldReport): string {
  if (rows.length === 0) return "";
  return ["Declared and not seen:", ...rows.map((row) => `- ${code(JSON.stringify(row))}`)].join("\n");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const more = rows.length > mostRows ? [`\n… ${rows.length - mostRows} more`] : [];
  return [line(head), line(head.map(() => "---")), ...rows.slice(0, mostRows).map(line), ...more].join("\n");
}

/** Text as code inside a table: no backticks, bars or line ends that would end it. */
const code = (text: string): string => `\`${text.replaceAll(/[`|\r\n]/g, "·")}\``;
