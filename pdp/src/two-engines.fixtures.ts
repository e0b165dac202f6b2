import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Verdict } from "@vivified/contracts";
import { opa, ourPolicies } from "./bundle/policies.fixtures.ts";
import { runOpa } from "./bundle/run-opa.ts";
import { dropMoot } from "./engine/drop-moot.ts";
import { readVerdict } from "./engine/read-verdict.ts";
import { type AnyEntrypoint, allEntrypoints } from "./entrypoints.ts";

/** A question and, where a person wrote it, what must come of it. */
export type Case = {
  readonly entrypoint: AnyEntrypoint;
  readonly input: object;
  readonly expect?: Pick<Verdict, "effect" | "obligations"> & { readonly rules: readonly string[] };
};

export type CaseResult = { readonly name: string; readonly case: Case; readonly interpreted: Verdict };

/** All cases of some files (YAML or JSON, below `cases`), answered by OPA's interpreter in one run. */
export async function interpret(files: readonly string[]): Promise<readonly CaseResult[]> {
  const data = ["vivified", "data", ...files].flatMap((path) => ["--data", path]);
  const printed = await runOpa({ opa, cwd: ourPolicies, args: ["eval", ...data, "--format", "raw", query] });
  const answers: { name: string; case: Case; answer: unknown }[] = JSON.parse(printed);
  return answers.map(({ name, case: asked, answer }) => ({ name, case: asked, interpreted: verdictOf(answer) }));
}

/** The cases that people wrote. */
export async function writtenCases(): Promise<readonly CaseResult[]> {
  const names = await readdir(join(ourPolicies, "cases"), { recursive: true });
  return interpret(names.filter((name) => name.endsWith(".yaml")).map((name) => join("cases", name)));
}

const answerTo = (entrypoint: string): string =>
  `[{"name": name, "case": asked, "answer": answer} |
    some name, asked in data.cases
    asked.entrypoint == "${entrypoint}"
    question := asked.input
    answer := data.vivified.${entrypoint.replace("/", ".")}.decision with input as question
  ]`;

const query = allEntrypoints.map(answerTo).reduce((all, next) => `array.concat(${all}, ${next})`);

function verdictOf(answer: unknown): Verdict {
  const verdict = readVerdict(answer);
  if (typeof verdict === "string") throw new Error(`the interpreter's answer is no decision: ${verdict}`);
  return { ...verdict, obligations: dropMoot(verdict.obligations) };
}
