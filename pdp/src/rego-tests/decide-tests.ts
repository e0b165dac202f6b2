import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isJsonObject, type JsonObject, type JsonValue } from "@vivified/contracts";
import { hostBuiltins } from "../builtins/host-builtins.ts";
import { dataFile } from "../bundle/bundle-manifest.ts";
import { defaultArchiveLimits, readArchive } from "../bundle/read-archive.ts";
import { stage } from "../bundle/staged.ts";
import { compilePolicy } from "../engine/compile-policy.ts";
import { type Evaluation, PolicyEngine } from "../engine/policy-engine.ts";
import { sourceFaults } from "./check-sources.ts";
import type { RegoTestsOptions } from "./interpret-tests.ts";
import { opaAnswer } from "./opa-answer.ts";
import type { RegoTestResult, SourceFault } from "./rego-test.ts";

export type DecideTestsOptions = Omit<RegoTestsOptions, "run"> & {
  /** OPA's capabilities file: tests, too, call only what the engine has. */
  readonly capabilities: string;
};

export type DecidedTests = { readonly results: readonly RegoTestResult[]; readonly faults: readonly SourceFault[] };

/**
 * The same tests on our engine: all of them compiled into one Wasm module, each an entrypoint. `opa test --target wasm`
 * compiles a module for every test, runs it on another engine, and leaves out the failing cases of a test with several.
 */
export async function decideTests(
  options: DecideTestsOptions,
  interpreted: readonly RegoTestResult[],
): Promise<DecidedTests> {
  const tests = interpreted.filter(({ outcome }) => outcome !== "skipped");
  if (tests.length === 0) return { results: [], faults: [] };
  await using built = await stage([]);
  const output = join(built.directory, "tests.tar.gz");
  const entrypoints = [...new Set(tests.map(entrypointOf))].flatMap((entrypoint) => ["--entrypoint", entrypoint]);
  const target = ["--bundle", ".", "--target", "wasm", "--capabilities", options.capabilities];
  const args = ["build", ...target, ...entrypoints, "--output", output];
  const answer = await opaAnswer({ opa: options.opa, cwd: options.directory, args });
  if (answer.code !== 0) return { results: [], faults: sourceFaults(answer) };
  const engine = await openEngine(output);
  const results: RegoTestResult[] = [];
  for (const test of tests) results.push(judged(test, await engine.evaluate(entrypointOf(test), noInput, maxSteps)));
  return { results, faults: [] };
}

const noInput = Buffer.from("{}");
const maxSteps = 200_000_000;
const entrypointOf = (test: RegoTestResult): string => `${test.package.replaceAll(".", "/")}/${test.name}`;

async function openEngine(archive: string): Promise<PolicyEngine> {
  const files = await readArchive(await readFile(archive), defaultArchiveLimits);
  const bytes = files.get("policy.wasm") ?? Buffer.alloc(0);
  const text = files.get(dataFile)?.toString("utf8") ?? "{}";
  const data: JsonObject = JSON.parse(text);
  const sizes = { moduleBytes: bytes.length, dataBytes: text.length, maxInputBytes: 256 * 1024 };
  return new PolicyEngine({ module: await compilePolicy(bytes), data, ...sizes, builtins: hostBuiltins });
}

function judged({ message: _, outcome: _outcome, ...test }: RegoTestResult, evaluation: Evaluation): RegoTestResult {
  const message = failureOf(evaluation, test.cases);
  const outcome = message === undefined ? "passed" : "failed";
  return { ...test, engine: "wasm", outcome, ...(message !== undefined && { message }) };
}

function failureOf(evaluation: Evaluation, cases: readonly string[] | undefined): string | undefined {
  if (evaluation.kind === "undefined") return "it does not hold";
  if (evaluation.kind !== "value") return `it cannot be evaluated: ${evaluation.kind}: ${saidBy(evaluation.cause)}`;
  const value = evaluation.value as JsonValue;
  if (cases === undefined) return value === true ? undefined : "it does not hold";
  const missing = cases.filter((name) => !isJsonObject(value) || value[name] !== true);
  return missing.length === 0 ? undefined : `it does not hold for ${missing.join(", ")}`;
}

const saidBy = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
