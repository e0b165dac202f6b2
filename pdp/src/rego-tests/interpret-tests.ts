import type { OpaRun } from "../bundle/run-opa.ts";
import { sourceFaults } from "./check-sources.ts";
import { opaAnswer } from "./opa-answer.ts";
import type { RegoTestResult, SourceFault } from "./rego-test.ts";

export type RegoTestsOptions = Pick<OpaRun, "opa"> & {
  /** The sources with their tests, laid out as in a bundle. */
  readonly directory: string;
  /** Only tests of this name (OPA's regular expressions), as `vivified.rpc.invoke_test.test_refuses`. */
  readonly run?: string;
};

export type InterpretedTests = { readonly results: readonly RegoTestResult[]; readonly faults: readonly SourceFault[] };

type OpaResult = {
  readonly location?: { readonly file: string; readonly row: number; readonly col: number };
  readonly package: string;
  readonly name: string;
  readonly fail?: boolean;
  readonly skip?: boolean;
  readonly error?: { readonly message?: string };
  readonly sub_results?: { readonly [name: string]: OpaResult };
};

/** `opa test` on the interpreter, which runs tests side by side: results are told in the order of the sources. */
export async function interpretTests({ opa, directory, run }: RegoTestsOptions): Promise<InterpretedTests> {
  const only = run === undefined ? [] : ["--run", run];
  const answer = await opaAnswer({ opa, cwd: directory, args: ["test", "--format", "json", ...only, "."] });
  const results = parsed(answer.stdout);
  if (results === undefined) return { results: [], faults: sourceFaults(answer) };
  return { results: results.map(resultOf).sort(inOrderOfSources), faults: [] };
}

function inOrderOfSources(one: RegoTestResult, other: RegoTestResult): number {
  if (one.file !== other.file) return one.file < other.file ? -1 : 1;
  return one.row - other.row || one.column - other.column;
}

function parsed(stdout: string): OpaResult[] | undefined {
  try {
    const value: unknown = JSON.parse(stdout);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined; // the caller tells what was printed instead
  }
}

function resultOf(result: OpaResult): RegoTestResult {
  const { file = "", row = 0, col = 1 } = result.location ?? {};
  const message = messageOf(result);
  const cases = Object.keys(result.sub_results ?? {});
  return {
    engine: "interpreter",
    package: result.package.replace(/^data\./, ""),
    name: result.name,
    ...{ file: file.replace(/^\.\//, ""), row, column: col },
    outcome: result.skip ? "skipped" : message === undefined ? "passed" : "failed",
    ...(message !== undefined && { message }),
    ...(cases.length > 0 && { cases }),
  };
}

function messageOf({ fail, error, sub_results: cases = {} }: OpaResult): string | undefined {
  if (error !== undefined) return error.message ?? "it cannot be evaluated";
  if (!fail) return undefined;
  const failed = Object.entries(cases).filter(([, result]) => result.fail || result.error);
  return failed.length === 0 ? "it does not hold" : `it does not hold for ${failed.map(([name]) => name).join(", ")}`;
}
