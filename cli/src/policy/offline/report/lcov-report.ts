import type { TestCoverage } from "@vivified/pdp";

/** LCOV's tracefile (geninfo(1)): a line is reached or not, OPA does not count how often. */
export function lcovReport(coverage: TestCoverage | undefined): string {
  return (coverage?.files ?? []).map(record).join("");
}

function record({ file, covered, notCovered }: TestCoverage["files"][number]): string {
  const lines = [...covered.map((row) => [row, 1] as const), ...notCovered.map((row) => [row, 0] as const)];
  const counted = lines.sort(([a], [b]) => a - b).map(([row, count]) => `DA:${row},${count}`);
  return ["TN:", `SF:${file}`, ...counted, `LF:${lines.length}`, `LH:${covered.length}`, "end_of_record", ""].join(
    "\n",
  );
}
