import { readFileSync } from "node:fs";
import { cpus } from "node:os";

/** One line of the printed table: what, what was measured, and against what. */
export type Row = {
  readonly measure: string;
  readonly value: string;
  readonly against?: string;
  readonly ratio?: string;
};

/** A Markdown table of the rows, so that it can go into `docs/reference/performance.md` as it is. */
export function markdownTable(rows: readonly Row[]): string {
  const lines = rows.map((row) => `| ${row.measure} | ${row.value} | ${row.against ?? ""} | ${row.ratio ?? ""} |`);
  return ["| measure | value | against | ratio |", "|---|---|---|---|", ...lines].join("\n");
}

/** Where and when: a figure without it says nothing. */
export function machineLine(now: Date): string {
  const model = cpus()[0]?.model ?? "unknown CPU";
  const kernel = readFileSync("/proc/sys/kernel/osrelease", "utf8").trim();
  return `${now.toISOString().slice(0, 10)}, ${cpus().length} × ${model}, Linux ${kernel}, Node ${process.version}`;
}
