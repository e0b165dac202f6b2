import type { AlertRuleName } from "@vivified/contracts";
import type { Clock } from "@vivified/runtime";

/** Which rules are able to look. */
export type RuleHealth = {
  /** Does a rule's work, and remembers since when it has not come to an end. */
  readonly during: (rule: AlertRuleName, work: () => Promise<void>) => Promise<void>;
  /** Rules that have tried for so long, and failed or wait for an answer. */
  readonly unable: (forMs: number) => readonly AlertRuleName[];
};

export function ruleHealth(clock: Pick<Clock, "monotonicMs">): RuleHealth {
  const since = new Map<AlertRuleName, number>();
  return {
    during: async (rule, work) => {
      if (!since.has(rule)) since.set(rule, clock.monotonicMs());
      await work();
      since.delete(rule);
    },
    unable: (forMs) => {
      const nowMs = clock.monotonicMs();
      return [...since].filter(([, sinceMs]) => nowMs - sinceMs >= forMs).map(([rule]) => rule);
    },
  };
}
