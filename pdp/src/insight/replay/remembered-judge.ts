import { hash } from "node:crypto";
import type { Verdict } from "@vivified/contracts";
import type { PinnedJudge } from "../pinned-judge.ts";
import type { Question } from "../question.ts";

export type RememberedJudge = {
  readonly judge: (question: Question) => Promise<Verdict>;
  /** How many questions had to be evaluated. */
  readonly evaluated: () => number;
};

/** Evaluates a question once and remembers the answer by the question's digest; the oldest go when there are too many. */
export function remembered({ judge }: Pick<PinnedJudge, "judge">, mostAnswers = 100_000): RememberedJudge {
  const answers = new Map<string, Verdict>();
  let evaluated = 0;
  return {
    judge: async (question) => {
      const key = keyOf(question);
      const known = answers.get(key);
      if (known !== undefined) return known;
      evaluated++;
      const verdict = await judge(question);
      if (answers.size >= mostAnswers) answers.delete(answers.keys().next().value ?? "");
      answers.set(key, verdict);
      return verdict;
    },
    evaluated: () => evaluated,
  };
}

function keyOf({ entrypoint, input, nd_builtin_cache = {} }: Question): string {
  return hash("sha256", JSON.stringify([entrypoint, input, nd_builtin_cache]), "base64");
}
