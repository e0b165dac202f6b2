import { findingsOf, type TestReport } from "../test-report.ts";
import { githubReport } from "./github-report.ts";
import { junitReport } from "./junit-report.ts";
import { lcovReport } from "./lcov-report.ts";
import { sarifReport } from "./sarif-report.ts";
import { textReport } from "./text-report.ts";

/** How the outcome of tests can be told. */
export const testFormats = ["text", "json", "junit", "sarif", "lcov", "github"] as const;
export type TestFormat = (typeof testFormats)[number];

/** Tells it. */
export function formatTests(report: TestReport, format: TestFormat): string {
  const as: Record<TestFormat, () => string> = {
    text: () => textReport(report),
    json: () => `${JSON.stringify(report, undefined, 2)}\n`,
    junit: () => junitReport(report),
    sarif: () => sarifReport(findingsOf(report)),
    lcov: () => lcovReport(report.coverage),
    github: () => githubReport(findingsOf(report)),
  };
  return as[format]();
}
