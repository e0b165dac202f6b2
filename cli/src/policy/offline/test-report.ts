import type { TestCoverage } from "@vivified/pdp";
import type { Finding } from "./finding.ts";

/** What became of one test or case on one engine. */
export type TestResult = {
  readonly kind: "rego" | "case";
  readonly engine: "interpreter" | "wasm";
  /** A package of tests, or the question that a case asks. */
  readonly suite: string;
  readonly name: string;
  readonly file: string;
  readonly row: number;
  readonly column: number;
  readonly outcome: "passed" | "failed" | "skipped";
  readonly message?: string;
};

/** What `vivified policy test` found; the shape of its JSON. */
export type TestReport = {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly duration_ms: number;
  readonly results: readonly TestResult[];
  /** Absent when the tests could not be run, or there are none. */
  readonly coverage?: TestCoverage;
  /** What kept tests from being run. */
  readonly findings: readonly Finding[];
};

/** What is wrong with a run, each with its place: what could not be run, and what failed. */
export function findingsOf({ results, findings }: TestReport): readonly Finding[] {
  const failed = results.filter(({ outcome }) => outcome === "failed");
  const told = failed.map(({ kind, engine, name, message = "", file, row, column }): Finding => {
    const rule = kind === "rego" ? "test" : "case";
    return { rule, level: "error", message: `${name} (${engine}): ${message}`, file, row, column };
  });
  return [...findings, ...told];
}
