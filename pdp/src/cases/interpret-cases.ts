import { join } from "node:path";
import type { Verdict } from "@vivified/contracts";
import type { PolicyBundle } from "../bundle/policy-bundle.ts";
import { runOpa } from "../bundle/run-opa.ts";
import { stage } from "../bundle/staged.ts";
import { allEntrypoints } from "../entrypoints.ts";
import type { Question } from "../insight/question.ts";
import { stageSources, traceQuestion } from "../insight/trace/trace-question.ts";
import { verdictOf } from "../insight/verdict-of.ts";

export type InterpretOptions = {
  /** Path of the OPA binary. */
  readonly opa: string;
  readonly bundle: Pick<PolicyBundle, "sources" | "data">;
};

/**
 * OPA's interpreter answers many questions in one run, in their order. Those that pin builtins are asked one by one.
 *
 * @throws VivifiedError `invalid_config` with what OPA said, when it cannot evaluate the rules
 */
export async function interpretCases(options: InterpretOptions, asked: readonly Question[]): Promise<Verdict[]> {
  const answers = await answersTogether(options, asked);
  return Promise.all(
    asked.map(async (question, index) => {
      if (question.nd_builtin_cache === undefined) return verdictOf(answers.get(index));
      return verdictOf((await traceQuestion(options, question, "answer")).value);
    }),
  );
}

const answerTo = (entrypoint: string): string =>
  `[{"at": at, "answer": answer} |
    some at, asked in data.asked_together.questions
    asked.entrypoint == "${entrypoint}"
    question := asked.input
    answer := data.vivified.${entrypoint.replace("/", ".")}.decision with input as question
  ]`;

type Answer = { readonly at: number; readonly answer: unknown };

async function answersTogether({ opa, bundle }: InterpretOptions, asked: readonly Question[]) {
  const questions = asked.map(({ entrypoint, input, nd_builtin_cache: nd }) => (nd ? {} : { entrypoint, input }));
  await using staged = await stageSources(bundle);
  await using data = await stage([
    { path: "asked.json", bytes: Buffer.from(JSON.stringify({ asked_together: { questions } })) },
  ]);
  const has = (entrypoint: string) =>
    [...bundle.sources.keys()].some((path) => path.startsWith(`vivified/${entrypoint}/`));
  const query = allEntrypoints
    .filter(has)
    .map(answerTo)
    .reduce((all, next) => `array.concat(${all}, ${next})`, "[]");
  const sources = ["--data", ".", "--data", join(data.directory, "asked.json")];
  const cwd = join(staged.directory, "policy");
  const answers: Answer[] = JSON.parse(
    await runOpa({ opa, cwd, args: ["eval", ...sources, "--format", "raw", query] }),
  );
  return new Map(answers.map(({ at, answer }) => [at, answer]));
}
