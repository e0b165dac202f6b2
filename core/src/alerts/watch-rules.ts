import type { Alert } from "@vivified/contracts";
import { type Clock, type Logger, newTrace } from "@vivified/runtime";
import type { Atomically } from "../database/atomically.ts";
import type { Stores } from "../stores.ts";
import { alertRecord } from "./alert-record.ts";
import type { AlertRule, Finding } from "./finding.ts";
import { type RaiseAlertStores, raiseAlert } from "./raise-alert.ts";
import { tellAlert } from "./tell-alert.ts";

export type WatchRulesDeps = {
  readonly rules: readonly AlertRule[];
  readonly stores: Pick<Stores, "alerts">;
  readonly atomically: Atomically<RaiseAlertStores>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly repeatMs: number;
};

/** Looks once: what a rule finds is opened or goes on, what it does not find any more ends. A rule that fails stops no other. */
export async function watchRules(deps: WatchRulesDeps): Promise<void> {
  for (const rule of deps.rules) {
    await watchRule(rule, deps).catch((error: unknown) => {
      deps.logger.warn({ err: error, rule: rule.name }, "alert rule failed, will be tried again");
    });
  }
}

async function watchRule(rule: AlertRule, deps: WatchRulesDeps): Promise<void> {
  const findings = await rule.look();
  for (const finding of findings) await raise(finding, deps);
  const found = new Set(findings.map(({ subject }) => subject));
  for (const alert of await deps.stores.alerts.openOf(rule.name)) {
    if (isOver(alert, rule, { found: found.has(alert.subject), at: deps.clock.now() })) await resolve(alert, deps);
  }
}

function raise(finding: Finding, { atomically, clock, repeatMs, logger }: WatchRulesDeps): Promise<void> {
  const raising = { by: { caller: "core", trace: newTrace() }, at: clock.now(), repeatMs };
  logger.debug({ rule: finding.rule }, "alert rule found something");
  return atomically((stores) => raiseAlert(finding, raising, stores));
}

function isOver(alert: Alert, { ends }: AlertRule, seen: { readonly found: boolean; readonly at: Date }): boolean {
  if (ends === "acknowledged") return alert.state === "acknowledged";
  return !seen.found && seen.at.getTime() - Date.parse(alert.evidence_at) >= ends;
}

function resolve({ id }: Alert, { atomically, clock }: WatchRulesDeps): Promise<void> {
  const [at, by] = [clock.now(), { caller: "core", trace: newTrace() }];
  return atomically(async (stores) => {
    const resolved = await stores.alerts.resolve(id, at);
    if (resolved === undefined) return;
    await stores.decisions.append([alertRecord("resolved", resolved, by)]);
    await tellAlert(resolved, { type: "alert.resolved", at, trace: by.trace }, stores);
  });
}
