import type { PlatformRule, Verdict } from "@vivified/contracts";
import { type AnyEntrypoint, decisionPath } from "../entrypoints.ts";
import { dropMoot } from "./drop-moot.ts";
import { isAskable } from "./is-askable.ts";
import type { Evaluation, PolicyEngine } from "./policy-engine.ts";
import { readVerdict } from "./read-verdict.ts";
import { refusal } from "./refusal.ts";
import type { VerdictCache } from "./verdict-cache.ts";
import { bytesOf } from "./wasm-text.ts";

/** Policy did not answer: for the log of the process that asked. `cause` may quote rules, never payload values. */
export type PolicyFailure = {
  readonly entrypoint: AnyEntrypoint;
  readonly rule: PlatformRule;
  readonly cause: unknown;
};

export type JudgeDeps = {
  /** One for each question whose answers may be kept. */
  readonly caches: ReadonlyMap<AnyEntrypoint, VerdictCache>;
  readonly engines: ReadonlyMap<AnyEntrypoint, PolicyEngine>;
  readonly maxInputBytes: number;
  /** How many steps an evaluation may take, beside those that it takes to read the question. */
  readonly maxSteps: number;
  readonly onFailure: ((failure: PolicyFailure) => void) | undefined;
};

export type Judge = (entrypoint: AnyEntrypoint, input: object) => Promise<Verdict>;

const failureRules = {
  undefined: "pdp.undefined",
  error: "pdp.error",
  trap: "pdp.trap",
  budget: "pdp.budget_exceeded",
} as const;

/** Reading a question and looking at each of its fields takes about twenty; twice that is no reason to refuse one. */
const stepsPerByte = 40;

/** Asks policy. Whatever is not an answer becomes a denial under a rule of its own; the judge never rejects. */
export function createJudge(deps: JudgeDeps): Judge {
  return async (entrypoint, input) => {
    try {
      const question = JSON.stringify(input);
      const cache = deps.caches.get(entrypoint);
      const known = cache?.get(question);
      if (known !== undefined) return known;
      const answer = isAskable(input) ? await ask(entrypoint, question, deps) : malformed;
      if (!("effect" in answer)) return refuse({ entrypoint, ...answer }, deps);
      cache?.set(question, answer);
      return answer;
    } catch (cause) {
      return refuse({ entrypoint, rule: "pdp.error", cause }, deps);
    }
  };
}

type Failure = Omit<PolicyFailure, "entrypoint">;

const malformed: Failure = { rule: "pdp.input_malformed", cause: undefined };

async function ask(entrypoint: AnyEntrypoint, question: string, deps: JudgeDeps): Promise<Verdict | Failure> {
  const engine = deps.engines.get(entrypoint);
  if (engine === undefined) return { rule: "pdp.no_policy", cause: undefined };
  const bytes = bytesOf(question);
  if (bytes.length > deps.maxInputBytes) return { rule: "pdp.input_too_large", cause: bytes.length };
  const steps = deps.maxSteps + stepsPerByte * bytes.length;
  return verdictOf(await engine.evaluate(decisionPath(entrypoint), bytes, steps));
}

function refuse(failure: PolicyFailure, { onFailure }: JudgeDeps): Verdict {
  onFailure?.(failure);
  return refusal(failure.rule);
}

function verdictOf(evaluation: Evaluation): Verdict | Failure {
  if (evaluation.kind !== "value") {
    return { rule: failureRules[evaluation.kind], cause: "cause" in evaluation ? evaluation.cause : undefined };
  }
  const verdict = readVerdict(evaluation.value);
  if (typeof verdict === "string") return { rule: verdict, cause: undefined };
  return { ...verdict, obligations: dropMoot(verdict.obligations) };
}
