import type { RegoTestsOptions } from "./interpret-tests.ts";
import { opaAnswer } from "./opa-answer.ts";

/** Which lines of one file tests reach; each line that does something is in one of the lists. */
export type FileCoverage = {
  readonly file: string;
  readonly covered: readonly number[];
  readonly notCovered: readonly number[];
};

/** Percent of lines over all files, 0 to 100. */
export type TestCoverage = { readonly percent: number; readonly files: readonly FileCoverage[] };

type Range = { readonly start: { readonly row: number }; readonly end: { readonly row: number } };
type Report = {
  readonly files: {
    readonly [file: string]: { readonly covered?: readonly Range[]; readonly not_covered?: readonly Range[] };
  };
};

/**
 * What Rego tests reach of the files that count, by `opa test --coverage`; undefined when the tests cannot be run. A line
 * with a part that no test reaches is not covered.
 */
export async function coverTests(
  options: RegoTestsOptions,
  counts: (file: string) => boolean,
): Promise<TestCoverage | undefined> {
  const { opa, directory: cwd, run } = options;
  const only = run === undefined ? [] : ["--run", run];
  const answer = await opaAnswer({ opa, cwd, args: ["test", "--coverage", "--format", "json", ...only, "."] });
  const report = reportIn(answer.stdout);
  if (report === undefined) return undefined;
  const files = Object.entries(report.files)
    .map(([file, ranges]) => coverageOf(file.replace(/^\.\//, ""), ranges))
    .filter(({ file }) => counts(file) && !file.endsWith("_test.rego"))
    .sort((a, b) => (a.file < b.file ? -1 : 1));
  return { percent: percentOf(files), files };
}

function coverageOf(file: string, ranges: Report["files"][string]): FileCoverage {
  const notCovered = rowsOf(ranges.not_covered ?? []);
  const covered = rowsOf(ranges.covered ?? []).filter((row) => !notCovered.includes(row));
  return { file, covered, notCovered };
}

function rowsOf(ranges: readonly Range[]): number[] {
  const rows = ranges.flatMap(({ start, end }) =>
    Array.from({ length: end.row - start.row + 1 }, (_, index) => start.row + index),
  );
  return [...new Set(rows)].sort((a, b) => a - b);
}

function percentOf(files: readonly FileCoverage[]): number {
  const covered = files.reduce((sum, file) => sum + file.covered.length, 0);
  const all = files.reduce((sum, file) => sum + file.covered.length + file.notCovered.length, 0);
  return all === 0 ? 100 : Math.floor((covered / all) * 10_000) / 100;
}

function reportIn(stdout: string): Report | undefined {
  try {
    const value: Report = JSON.parse(stdout);
    return typeof value.files === "object" ? value : undefined;
  } catch {
    return undefined; // a failing test, which the results tell
  }
}
