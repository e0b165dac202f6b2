import { styleText } from "node:util";
import { findingLine } from "../finding.ts";
import { findingsOf, type TestReport } from "../test-report.ts";

/** For people: what is wrong and where, what no test reaches, and the sums. */
export function textReport(report: TestReport): string {
  const { passed, failed, skipped, duration_ms: ms } = report;
  const wrong = findingsOf(report).map((finding) => `${styleText("red", "✗")} ${findingLine(finding)}`);
  const sums = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
  return [...wrong, ...uncovered(report), `${sums} in ${(ms / 1000).toFixed(1)} s`, ""].join("\n");
}

function uncovered({ coverage }: TestReport): string[] {
  if (coverage === undefined) return [];
  const gaps = coverage.files.filter(({ notCovered }) => notCovered.length > 0);
  const lines = gaps.map(({ file, notCovered }) => `${file}: no test reaches ${rangesOf(notCovered)}`);
  return [...lines, `coverage ${coverage.percent} %`];
}

/** `3, 5-7` */
function rangesOf(rows: readonly number[]): string {
  const starts = rows.filter((row) => !rows.includes(row - 1));
  const ends = rows.filter((row) => !rows.includes(row + 1));
  return starts.map((start, index) => (start === ends[index] ? `${start}` : `${start}-${ends[index]}`)).join(", ");
}
