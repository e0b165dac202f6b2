import { join } from "node:path";
import {
  buildBundle,
  checkSources,
  coverTests,
  decideTests,
  interpretTests,
  judgeCases,
  type PlacedCase,
  type RegoTestResult,
  readSources,
  readTests,
  stage,
  type TestCoverage,
} from "@vivified/pdp";
import type { Finding } from "./finding.ts";
import { readCases } from "./read-cases.ts";
import type { TestReport, TestResult } from "./test-report.ts";
import { isOurs, originOf, toFinding, type Workspace } from "./workspace.ts";

export type RunTestsOptions = {
  readonly opa: string;
  readonly workspace: Workspace;
  /** Only what matches: `package.test_name` of tests, `question name` of cases. */
  readonly run?: string;
};

/**
 * Runs Rego tests and cases on OPA's interpreter and on our engine, and sees what the tests reach. What does not compile
 * is found first, and then nothing is run.
 */
export async function runTests(options: RunTestsOptions): Promise<TestReport> {
  const began = performance.now();
  const written = await readCases(options.workspace);
  const faults = written.faults.map((fault): Finding => ({ ...fault, rule: "case", level: "error" }));
  const rego = await runRegoTests(options);
  const findings = [...rego.findings, ...faults];
  const only = options.run === undefined ? undefined : new RegExp(options.run);
  const asked = written.cases.filter(({ entrypoint, name }) => only?.test(`${entrypoint} ${name}`) ?? true);
  const cases = findings.length > 0 || asked.length === 0 ? [] : await runCases(options, asked);
  const results = [...rego.results, ...cases];
  const count = (outcome: TestResult["outcome"]) => results.filter((result) => result.outcome === outcome).length;
  return {
    ...{ passed: count("passed"), failed: count("failed"), skipped: count("skipped") },
    duration_ms: Math.round(performance.now() - began),
    results,
    ...(rego.coverage && { coverage: rego.coverage }),
    findings,
  };
}

type RegoRun = Pick<TestReport, "results" | "coverage" | "findings">;

async function runRegoTests({ opa, workspace, run }: RunTestsOptions): Promise<RegoRun> {
  const tests = await readTests(workspace);
  await using staged = await stage([...(await readSources(workspace)), ...tests]);
  const { directory } = staged;
  const sources = { opa, directory, capabilities: join(workspace.floor, "capabilities.json") };
  const broken = await checkSources(sources);
  if (broken.length > 0) return { results: [], findings: broken.map(toFinding(workspace)) };
  const asked = { opa, directory, ...(run !== undefined && { run }) };
  const [interpreted, coverage] = await Promise.all([
    interpretTests(asked),
    coverTests(asked, (file) => isOurs(workspace, file)),
  ]);
  const decided = await decideTests(sources, interpreted.results);
  const results = [...interpreted.results, ...decided.results].map(toResult(workspace));
  const findings = [...interpreted.faults, ...decided.faults].map(toFinding(workspace));
  return { results, findings, ...(coverage && tests.length > 0 && { coverage: placed(coverage, workspace) }) };
}

async function runCases({ opa, workspace }: RunTestsOptions, asked: readonly PlacedCase[]): Promise<TestResult[]> {
  const { bundle } = await buildBundle({ opa, source: workspace });
  const judged = await judgeCases({ opa, bundle }, asked);
  return judged.flatMap(({ case: one, interpreter, wasm }) => [
    caseResult(one, "interpreter", interpreter),
    caseResult(one, "wasm", wasm),
  ]);
}

function caseResult(one: PlacedCase, engine: TestResult["engine"], complaints: readonly string[]): TestResult {
  const { name, entrypoint: suite, file, row, column } = one;
  const place = { kind: "case", engine, suite, name, file, row, column } as const;
  if (complaints.length === 0) return { ...place, outcome: "passed" };
  return { ...place, outcome: "failed", message: complaints.join("; ") };
}

const toResult =
  (workspace: Workspace) =>
  ({ package: suite, cases: _, file, ...result }: RegoTestResult): TestResult => ({
    kind: "rego",
    suite,
    ...result,
    file: originOf(workspace, file),
  });

function placed({ percent, files }: TestCoverage, workspace: Workspace): TestCoverage {
  return { percent, files: files.map((one) => ({ ...one, file: originOf(workspace, one.file) })) };
}
