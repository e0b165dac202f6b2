import type { Clock } from "@vivified/runtime";
import type { AlertRule } from "../finding.ts";
import type { RuleHealth } from "../rule-health.ts";

export type RuleFailingDeps = {
  readonly clock: Clock;
  readonly health: Pick<RuleHealth, "unable">;
  /** How long a rule may be unable to look. */
  readonly lateMs: number;
};

/** Another rule cannot look, as when its query takes too long: what it would tell of is not told. */
export function ruleFailing({ clock, health, lateMs }: RuleFailingDeps): AlertRule {
  const look = async () =>
    health.unable(lateMs).map((subject) => {
      const message = `The alert rule ${subject} has not been able to look for ${Math.round(lateMs / 1_000)} s: core's log says why`;
      return { rule: "alert_rule_failing", subject, severity: "high", message, evidenceAt: clock.now() } as const;
    });
  return { name: "alert_rule_failing", look, ends: lateMs };
}
