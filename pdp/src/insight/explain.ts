import { canonicalJson, type PlatformRule, type Verdict } from "@vivified/contracts";
import type { PolicyBundle } from "../bundle/policy-bundle.ts";
import { type Counterfactual, findCounterfactuals } from "./counterfactual/find-counterfactuals.ts";
import { type ObligationOrigin, obligationOrigins } from "./obligation-origins.ts";
import { openPinnedJudge } from "./pinned-judge.ts";
import type { Question } from "./question.ts";
import { traceQuestion } from "./trace/trace-question.ts";
import { type TracedRules, tracedRules } from "./trace/traced-rules.ts";
import { verdictOf } from "./verdict-of.ts";

/** Why policy said what it said, by the interpreter. */
export type Explanation = TracedRules & {
  readonly revision: string;
  readonly verdict: Verdict;
  /** Whether the Wasm engine and the interpreter say the same, but for `bounded_by`. */
  readonly engines_agree: boolean;
  /** The platform's rule by which the engine refuses what the interpreter, which has no bounds, answers. */
  readonly bounded_by?: string;
  /** Whether the log says the same; absent when nothing was logged. */
  readonly log_agrees?: boolean;
  readonly origins: readonly ObligationOrigin[];
  /** The smallest sets of facts that would turn a denial. */
  readonly counterfactuals: readonly Counterfactual[];
};

export type ExplainOptions = {
  /** Path of the OPA binary. */
  readonly opa: string;
  readonly bundle: PolicyBundle;
  readonly question: Question;
  /** What the log says that policy said. */
  readonly logged?: Verdict;
};

/**
 * Explains one question: asks the interpreter for every step, and the engine for what would have turned the answer.
 *
 * @throws VivifiedError `invalid_config` when OPA cannot evaluate the rules, `policy_bundle_refused` when we cannot
 */
export async function explain(options: ExplainOptions): Promise<Explanation> {
  const { bundle, question, logged } = options;
  await using judge = await openPinnedJudge(bundle);
  const interpreted = verdictOf((await traceQuestion(options, question, "answer")).value);
  const verdict = await judge.judge(question);
  const traced = await tracedRules(options);
  const whatIf = { judge, question, data: bundle.data };
  const bounded_by = boundIn(verdict);
  const same = (other: Verdict) => canonicalJson(other) === canonicalJson(verdict);
  return {
    ...{ revision: bundle.revision, verdict },
    engines_agree: same(interpreted) || bounded_by !== undefined,
    ...(bounded_by !== undefined && { bounded_by }),
    ...(logged && { log_agrees: same(logged) }),
    ...traced,
    origins: await obligationOrigins(whatIf, verdict, traced.fired),
    counterfactuals: verdict.effect === "deny" ? await findCounterfactuals(whatIf) : [],
  };
}

const bounds: ReadonlySet<string> = new Set<PlatformRule>([
  ...(["pdp.budget_exceeded", "pdp.input_too_large", "pdp.input_malformed"] as const),
]);

const boundIn = ({ reasons }: Verdict): string | undefined => reasons.find(({ rule }) => bounds.has(rule))?.rule;
