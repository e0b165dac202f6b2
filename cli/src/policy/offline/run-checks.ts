import { readSources, readTests, stage } from "@vivified/pdp";
import { checkModes } from "./check-modes.ts";
import { type CheckName, type CheckReport, checkNames } from "./check-report.ts";
import { compileRules } from "./compile-rules.ts";
import type { Finding } from "./finding.ts";
import { lintRego } from "./lint-rego.ts";
import { readCases } from "./read-cases.ts";
import type { Workspace } from "./workspace.ts";

export type RunChecksOptions = { readonly opa: string; readonly regal: string; readonly workspace: Workspace };

/** Everything that can be said of policies without asking them anything. What does not compile is not linted. */
export async function runChecks({ opa, regal, workspace }: RunChecksOptions): Promise<CheckReport> {
  await using staged = await stage([...(await readSources(workspace)), ...(await readTests(workspace))]);
  const compiled = await compileRules(opa, staged.directory, workspace);
  const run: Record<CheckName, () => Promise<readonly Finding[]>> = {
    compile: async () => compiled.findings,
    lint: () => lintRego(regal, staged.directory, workspace),
    cases: async () => (await readCases(workspace)).faults.map((fault) => ({ ...fault, rule: "case", level: "error" })),
    modes: () => checkModes(workspace, compiled.rules),
  };
  const names = checkNames.filter((name) => name !== "lint" || compiled.findings.length === 0);
  const checks = await Promise.all(names.map(async (check) => ({ check, findings: await run[check]() })));
  const failed = checks.filter(({ findings }) => findings.length > 0).length;
  return { passed: checks.length - failed, failed, checks };
}
