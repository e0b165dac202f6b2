import type { Effect, JsonObject, Verdict } from "@vivified/contracts";
import type { WhatIf } from "../obligation-origins.ts";
import { type PossibleFact, possibleFacts } from "./possible-facts.ts";

/** Facts that together would turn a denial, and what would come of it. */
export type Counterfactual = { readonly facts: readonly string[]; readonly effect: Effect };

const mostEvaluations = 2000;
const mostFacts = 3;
const mostAnswers = 12;

/**
 * The smallest sets of facts that would turn a denial: each fact alone, then pairs and threes of those that make a
 * difference to the reasons. Bounded, so it may find none where there is one. It tells whoever asks how to get past
 * policy: it is for administrators.
 */
export async function findCounterfactuals({ judge, question, data }: WhatIf): Promise<readonly Counterfactual[]> {
  let left = mostEvaluations;
  const verdictIf = async (facts: readonly PossibleFact[]): Promise<Verdict | undefined> => {
    if (left-- <= 0) return undefined;
    return judge.judge({
      ...question,
      input: facts.reduce<JsonObject>((input, { apply }) => apply(input), question.input),
    });
  };
  const reasonsOf = (verdict: Verdict | undefined) => JSON.stringify(verdict?.reasons.map(({ message }) => message));
  const now = reasonsOf(await verdictIf([]));
  let facts = possibleFacts(question, data);
  for (let size = 1; size <= mostFacts; size++) {
    const tried: { facts: readonly PossibleFact[]; verdict: Verdict | undefined }[] = [];
    for (const some of combinations(facts, size)) tried.push({ facts: some, verdict: await verdictIf(some) });
    const turning = tried.flatMap(({ facts: some, verdict }) => answer(some, verdict));
    if (turning.length > 0) return turning.slice(0, mostAnswers);
    if (size === 1) facts = tried.flatMap((one) => (reasonsOf(one.verdict) === now ? [] : one.facts));
  }
  return [];
}

function answer(facts: readonly PossibleFact[], verdict: Verdict | undefined): Counterfactual[] {
  if (verdict === undefined || verdict.effect === "deny") return [];
  return [{ facts: facts.map(({ text }) => text), effect: verdict.effect }];
}

function* combinations<Item>(items: readonly Item[], size: number): Generator<readonly Item[]> {
  if (size === 0) yield [];
  for (let at = 0; size > 0 && at < items.length; at++) {
    const [first] = items.slice(at, at + 1);
    if (first === undefined) continue;
    for (const rest of combinations(items.slice(at + 1), size - 1)) yield [first, ...rest];
  }
}
