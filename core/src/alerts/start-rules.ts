import { Worker } from "@vivified/runtime";
import type { AlertRule } from "./finding.ts";
import { ruleHealth } from "./rule-health.ts";
import { ruleFailing } from "./rules/rule-failing.ts";
import { type WatchRuleDeps, watchRule } from "./watch-rule.ts";

export type StartRulesDeps = WatchRuleDeps & {
  readonly rules: readonly AlertRule[];
  readonly everyMs: number;
  /** How long a rule may be unable to look before that is an alert. */
  readonly lateMs: number;
};

/** Looks again and again, each rule on its own: one that fails or waits for an answer keeps no other from looking. */
export function startRules(deps: StartRulesDeps, stack: AsyncDisposableStack): void {
  const { rules, everyMs, lateMs, clock, logger } = deps;
  const health = ruleHealth(clock);
  for (const rule of [...rules, ruleFailing({ clock, health, lateMs })]) {
    const work = () => health.during(rule.name, () => watchRule(rule, deps));
    stack.use(new Worker({ name: `alert rule ${rule.name}`, work, everyMs, logger }));
  }
}
