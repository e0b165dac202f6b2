import { styleText } from "node:util";
import type { ReplayReport } from "@vivified/pdp";
import { exitCodes } from "./exit-codes.ts";
import { classRows, conclusion, type HeldReport, unjudgedRows, verdictOfReplay } from "./held-report.ts";

const mostRows = 12;
const bold = (text: string): string => styleText("bold", text);
const dim = (text: string): string => styleText("dim", text);
const number = (count: number): string => count.toLocaleString("en-US");

/**
 * A replay for people at a terminal: the counts, then each kind of change with decisions to look up. Without `declaring`
 * nothing is said of declarations.
 */
export function replayText(report: HeldReport, declaring = true): string {
  const parts = [
    headline(report),
    totals(report),
    changes("Denied now", report, "deny"),
    changes("Allowed now", report, "allow"),
    fields(report),
    failing(report),
    reported(report),
    reasons(report),
    unseen(report),
  ];
  return [...parts, ending(report, declaring)].filter((part) => part !== "").join("\n\n");
}

function headline({ candidate, against, records: { read, judged, evaluated } }: ReplayReport): string {
  const other = against === "log" ? "the log" : `revision ${against}`;
  const counts = `${number(judged)} of ${number(read)} records judged, ${number(evaluated)} different questions`;
  return `${bold(`Candidate ${candidate}`)} against ${other}\n${dim(counts)}`;
}

function totals(report: ReplayReport): string {
  const rows = classRows(report).map(
    ([name, words, count]) => `${number(count).padStart(10)}  ${coloured(name, words)}`,
  );
  const skipped = unjudgedRows(report).map(([words, count]) =>
    dim(`${number(count).padStart(10)}  not judged: ${words}`),
  );
  return [...rows, ...skipped].join("\n");
}

const colours = { failing: "red", allow_to_deny: "red", deny_to_allow: "yellow", fields: "yellow" } as const;
const coloured = (name: string, words: string): string =>
  Object.hasOwn(colours, name) ? styleText(colours[name as keyof typeof colours], words) : words;

function changes(title: string, { flips, undeclared_flips }: HeldReport, to: "allow" | "deny"): string {
  const rows = flips.filter((flip) => flip.to === to);
  return section(title, rows, (flip) => {
    const why = to === "deny" ? `by ${flip.rules.join(", ")}` : `no longer by ${flip.rules.join(", ")}`;
    return `${asked(flip)}  ${why}${mark(!undeclared_flips.includes(flip))}`;
  });
}

function fields({ fields: rows, undeclared_fields }: HeldReport): string {
  return section("Fields", rows, (field) => {
    return `${asked(field)}  ${field.path}: ${field.from} → ${field.to}${mark(!undeclared_fields.includes(field))}`;
  });
}

const failing = ({ newly_failing }: ReplayReport): string =>
  section("Newly failing", newly_failing, (row) => `${asked(row)}  ${styleText("red", row.rule)}`);

const reported = ({ reported: rows }: ReplayReport): string =>
  section(
    "Reports",
    rows,
    (row) => `${asked(row)}  ${row.change === "added" ? "would now" : "would no longer"} ${row.what}`,
  );

const reasons = ({ reasons: rows }: ReplayReport): string =>
  section("Other reasons", rows, (row) => `${asked(row)}  ${row.from.join(", ")} → ${row.to.join(", ")}`);

function unseen({ unseen: rows }: HeldReport): string {
  if (rows.length === 0) return "";
  return [bold("Declared and not seen"), ...rows.map((row) => `  ${JSON.stringify(row)}`)].join("\n");
}

type Row = {
  readonly entrypoint: string;
  readonly caller: string;
  readonly count: number;
  readonly examples: readonly string[];
};

const asked = ({ entrypoint, caller }: Row): string => `${entrypoint}  ${caller}`;
const mark = (declared: boolean): string => (declared ? dim("  (declared)") : "");

function section<Of extends Row>(title: string, rows: readonly Of[], line: (row: Of) => string): string {
  if (rows.length === 0) return "";
  const shown = rows.slice(0, mostRows).map((row) => {
    const [example = ""] = row.examples;
    return `${number(row.count).padStart(10)}  ${line(row)}\n            ${dim(`as decision ${example}`)}`;
  });
  const more = rows.length - shown.length;
  return [bold(title), ...shown, ...(more > 0 ? [dim(`            … ${more} more kinds: --json`)] : [])].join("\n");
}

function ending(report: HeldReport, declaring: boolean): string {
  const colour = verdictOfReplay(report) === exitCodes.fine ? "green" : "red";
  return declaring || report.totals.failing > 0 ? styleText(["bold", colour], conclusion(report)) : "";
}
