import { styleText } from "node:util";
import { allFindings, type CheckReport } from "./check-report.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { findingLine } from "./finding.ts";
import { githubReport } from "./report/github-report.ts";
import { sarifReport } from "./report/sarif-report.ts";
import { type Output, writeOutputs } from "./report/write-outputs.ts";
import { runChecks } from "./run-checks.ts";
import { opaTool, regalTool } from "./tools.ts";
import { openWorkspace } from "./workspace.ts";

/** How findings can be told. */
export const checkFormats = ["text", "json", "sarif", "github"] as const;
export type CheckFormat = (typeof checkFormats)[number];

export type CheckOptions = {
  readonly format: CheckFormat;
  readonly json?: boolean;
  readonly output?: readonly Output<CheckFormat>[];
};

/** `vivified policy check`: whether policies compile, are well kept, and name what there is. */
export async function checkCommand(folder: string | undefined, options: CheckOptions): Promise<ExitCode> {
  const report = await runChecks({ opa: opaTool(), regal: regalTool(), workspace: openWorkspace(folder) });
  const format = options.json ? "json" : options.format;
  await writeOutputs({ ...options, format }, (one) => formatChecks(report, one));
  return report.failed > 0 ? exitCodes.found : exitCodes.fine;
}

function formatChecks(report: CheckReport, format: CheckFormat): string {
  const as: Record<CheckFormat, () => string> = {
    text: () => textOf(report),
    json: () => `${JSON.stringify(report, undefined, 2)}\n`,
    sarif: () => sarifReport(allFindings(report)),
    github: () => githubReport(allFindings(report)),
  };
  return as[format]();
}

function textOf({ checks }: CheckReport): string {
  return checks
    .flatMap(({ check, findings }) => [
      findings.length === 0 ? `${styleText("green", "✓")} ${check}` : `${styleText("red", "✗")} ${check}`,
      ...findings.map((finding) => `  ${findingLine(finding)}`),
    ])
    .concat("")
    .join("\n");
}
