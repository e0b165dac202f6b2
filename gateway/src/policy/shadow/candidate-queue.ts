import type { Decision, JsonValue } from "@vivified/contracts";
import type { CandidateQuestion } from "./candidate-messages.ts";

/** A question and what the policy in force said to it. */
export type Observed = { readonly question: CandidateQuestion; readonly decision: Decision };

/** What waits for a candidate. Bounded in number and in weight, so that no traffic and no payload makes it grow. */
export type CandidateQueue = {
  /** @returns false when it does not fit */
  readonly push: (observed: Observed) => boolean;
  /** What came first, as much as is copied to a thread in a moment; empty when nothing waits. */
  readonly take: () => Observed[];
};

/** Weights are bytes of JSON, roughly. */
export type CandidateQueueLimits = {
  readonly most: number;
  readonly maxWeight: number;
  readonly batch: number;
  readonly batchWeight: number;
};

const defaultLimits: CandidateQueueLimits = {
  most: 2_000,
  maxWeight: 16 * 1024 * 1024,
  batch: 200,
  batchWeight: 512 * 1024,
};

export function candidateQueue(limits: CandidateQueueLimits = defaultLimits): CandidateQueue {
  const waiting: { readonly observed: Observed; readonly weight: number }[] = [];
  let weightOfAll = 0;
  return {
    push: (observed) => {
      if (waiting.length >= limits.most || weightOfAll >= limits.maxWeight) return false;
      const weight = weightOf(observed.question.input);
      waiting.push({ observed, weight });
      weightOfAll += weight;
      return true;
    },
    take: () => {
      let weight = 0;
      const end = waiting.slice(0, limits.batch).findIndex((next) => {
        weight += next.weight;
        return weight > limits.batchWeight;
      });
      const taken = waiting.splice(0, end === -1 ? limits.batch : Math.max(end, 1));
      for (const next of taken) weightOfAll -= next.weight;
      return taken.map(({ observed }) => observed);
    },
  };
}

function weightOf(value: JsonValue): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 8;
  return Object.entries(value).reduce((sum, [key, member]) => sum + key.length + weightOf(member), 8);
}
