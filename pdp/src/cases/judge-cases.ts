import { canonicalJson, type Verdict } from "@vivified/contracts";
import type { PolicyBundle } from "../bundle/policy-bundle.ts";
import { openPinnedJudge } from "../insight/pinned-judge.ts";
import { interpretCases } from "./interpret-cases.ts";
import type { CaseExpectation, PolicyCase } from "./policy-case.ts";

/** What became of a case on both engines; each complaint is a sentence, and none means that it holds. */
export type JudgedCase<Case extends PolicyCase> = {
  readonly case: Case;
  readonly interpreted: Verdict;
  readonly decided: Verdict;
  readonly interpreter: readonly string[];
  readonly wasm: readonly string[];
};

export type JudgeCasesOptions = {
  /** Path of the OPA binary. */
  readonly opa: string;
  readonly bundle: PolicyBundle;
};

/**
 * Puts cases to OPA's interpreter and to our engine, and holds both answers against what the cases expect and against
 * each other.
 *
 * @throws VivifiedError `invalid_config` when OPA cannot evaluate the rules, `policy_bundle_refused` when we cannot
 */
export async function judgeCases<Case extends PolicyCase>(
  options: JudgeCasesOptions,
  cases: readonly Case[],
): Promise<readonly JudgedCase<Case>[]> {
  await using judge = await openPinnedJudge(options.bundle);
  const answers = await interpretCases(options, cases);
  const judged: JudgedCase<Case>[] = [];
  for (const [index, asked] of cases.entries()) {
    const interpreted = answers[index];
    if (interpreted === undefined) continue; // there is an answer for each
    const decided = await judge.judge(asked);
    const interpreter = complaints(interpreted, asked.expect);
    judged.push({ case: asked, interpreted, decided, interpreter, wasm: ofWasm(asked, interpreted, decided) });
  }
  return judged;
}

function ofWasm({ expect }: PolicyCase, interpreted: Verdict, decided: Verdict): string[] {
  const found = complaints(decided, expect);
  if (canonicalJson(decided) === canonicalJson(interpreted)) return found;
  return [...found, `the engines disagree: the interpreter says ${canonicalJson(interpreted)}`];
}

function complaints(verdict: Verdict, expect: CaseExpectation): string[] {
  const rules = (reasons: Verdict["reasons"] = []) => reasons.map(({ rule }) => rule);
  const actions = (list: Verdict["obligations"]) => list.map(({ path, action }) => `${action} ${path || "(all)"}`);
  return [
    ...difference("effect", [expect.effect], [verdict.effect]),
    ...difference("rules", expect.rules, rules(verdict.reasons)),
    ...difference("obligations", expect.obligations && actions(expect.obligations), actions(verdict.obligations)),
    ...difference("would_deny", expect.would_deny, rules(verdict.would_deny)),
  ];
}

function difference(what: string, expected: readonly string[] | undefined, found: readonly string[]): string[] {
  if (expected === undefined) return [];
  const [wanted, got] = [expected, found].map((list) => [...new Set(list)].sort().join(", ") || "none");
  return wanted === got ? [] : [`${what}: expected ${wanted}, and got ${got}`];
}
