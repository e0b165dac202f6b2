import type { DecisionStore } from "../../../core/src/audit/decision-store.ts";
import { quantile } from "../open-loop.ts";
import type { SearchQuestion } from "./search-questions.ts";

/** Milliseconds. */
export type Answered = { readonly name: string; readonly p50: number; readonly p95: number; readonly most: number };

const pageSize = 50;

/** Asks each question so many times, with other values each time, one after another. */
export async function askQuestions(
  store: DecisionStore,
  questions: readonly SearchQuestion[],
  times: number,
): Promise<readonly Answered[]> {
  const answered: Answered[] = [];
  for (const question of questions) {
    const durations: number[] = [];
    for (let nth = 0; nth < times; nth += 1) {
      const began = performance.now();
      await ask(store, question, nth);
      durations.push(performance.now() - began);
    }
    const of = (share: number) => quantile(durations, share);
    answered.push({ name: question.name, p50: of(0.5), p95: of(0.95), most: Math.max(...durations) });
  }
  return answered;
}

/** What the routes call. */
async function ask(store: DecisionStore, { ask: what, filter, before }: SearchQuestion, nth: number): Promise<void> {
  if (what === "facets") await store.facets(filter(nth));
  else if (what === "histogram") await store.histogram(filter(nth), new Date());
  else await store.search(filter(nth), pageSize, before?.(nth));
}
