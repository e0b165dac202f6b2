import { stopOnSignal } from "../../terminal/stop-on-signal.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { formatTests, type TestFormat } from "./report/test-formats.ts";
import { type Output, writeOutputs } from "./report/write-outputs.ts";
import { runTests } from "./run-tests.ts";
import type { TestReport } from "./test-report.ts";
import { opaTool } from "./tools.ts";
import { watchWorkspace } from "./watch-workspace.ts";
import { openWorkspace, type Workspace } from "./workspace.ts";

export type TestOptions = {
  readonly run?: string;
  readonly threshold?: number;
  readonly format: TestFormat;
  readonly json?: boolean;
  readonly output?: readonly Output<TestFormat>[];
  readonly watch?: boolean;
};

/** `vivified policy test`: Rego tests and cases on both engines. */
export async function testCommand(folder: string | undefined, options: TestOptions): Promise<ExitCode> {
  const workspace = openWorkspace(folder);
  if (!options.watch) return testOnce(workspace, options);
  let code: ExitCode = exitCodes.fine;
  await watchWorkspace(
    workspace,
    async () => {
      code = await testOnce(workspace, options);
    },
    stopOnSignal(),
  );
  return code;
}

async function testOnce(workspace: Workspace, options: TestOptions): Promise<ExitCode> {
  const { run, threshold } = options;
  const report = await runTests({ opa: opaTool(), workspace, ...(run !== undefined && { run }) });
  const format = options.json ? "json" : options.format;
  await writeOutputs({ ...options, format }, (one) => formatTests(report, one));
  return tellGap(report, threshold) ?? codeOf(report);
}

function codeOf({ results, failed, findings }: TestReport): ExitCode {
  if (findings.length > 0) return exitCodes.unusable;
  if (results.length === 0)
    throw new Error("there is nothing to test: no *_test.rego, no cases/, or none that --run asks for");
  return failed > 0 ? exitCodes.found : exitCodes.fine;
}

/** Coverage counts only when everything holds: what fails is told first. */
function tellGap(report: TestReport, threshold: number | undefined): ExitCode | undefined {
  const { coverage, results, failed, findings } = report;
  if (threshold === undefined || failed > 0 || findings.length > 0 || results.length === 0) return undefined;
  const percent = coverage?.percent ?? 0;
  if (percent >= threshold) return undefined;
  process.stderr.write(`tests reach ${percent} % of the rules, less than the ${threshold} % that were asked for\n`);
  return exitCodes.uncovered;
}
