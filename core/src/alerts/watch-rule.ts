import type { Alert } from "@vivified/contracts";
import { type Clock, type Logger, newTrace } from "@vivified/runtime";
import type { Atomically } from "../database/atomically.ts";
import type { Stores } from "../stores.ts";
import { alertRecord } from "./alert-record.ts";
import { boundFindings, openedWithinMs, othersSubject } from "./bound-findings.ts";
import type { AlertRule, Finding } from "./finding.ts";
import { latestBelieved } from "./latest-believed.ts";
import { type RaiseAlertStores, raiseAlert } from "./raise-alert.ts";
import { tellAlert } from "./tell-alert.ts";

export type WatchRuleDeps = {
  readonly stores: Pick<Stores, "alerts">;
  readonly atomically: Atomically<RaiseAlertStores>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly repeatMs: number;
};

/** Looks once: what the rule finds is opened or goes on, within bounds; what it does not find any more ends. */
export async function watchRule(rule: AlertRule, deps: WatchRuleDeps): Promise<void> {
  const { alerts } = deps.stores;
  const findings = await rule.look();
  const told = await boundFindings(findings, rule, { alerts, at: deps.clock.now() });
  for (const finding of told) await raise(finding, rule, deps);
  rule.kept?.();
  const found = new Set([...findings, ...told].map(({ subject }) => subject));
  for (const alert of await alerts.openOf(rule.name)) {
    if (isOver(alert, rule, { found: found.has(alert.subject), at: deps.clock.now() })) await resolve(alert, deps);
  }
}

function raise(
  finding: Finding,
  { ends }: AlertRule,
  { atomically, clock, repeatMs, logger }: WatchRuleDeps,
): Promise<void> {
  const raising = { by: { caller: "core", trace: newTrace() }, at: clock.now(), repeatMs, ends };
  logger.debug({ rule: finding.rule }, "alert rule found something");
  return atomically((stores) => raiseAlert(finding, raising, stores));
}

function isOver(alert: Alert, { ends }: AlertRule, seen: { readonly found: boolean; readonly at: Date }): boolean {
  if (ends === "acknowledged") return alert.state === "acknowledged";
  const quietMs = alert.subject === othersSubject ? Math.max(ends, openedWithinMs) : ends;
  const evidenceAt = new Date(alert.evidence_at);
  const quiet = seen.at.getTime() - evidenceAt.getTime() >= quietMs;
  return !seen.found && (quiet || evidenceAt > latestBelieved(seen.at));
}

function resolve({ id }: Alert, { atomically, clock }: WatchRuleDeps): Promise<void> {
  const [at, by] = [clock.now(), { caller: "core", trace: newTrace() }];
  return atomically(async (stores) => {
    const resolved = await stores.alerts.resolve(id, at);
    if (resolved === undefined) return;
    await stores.decisions.append([alertRecord("resolved", resolved, by)]);
    await tellAlert(resolved, { type: "alert.resolved", at, trace: by.trace }, stores);
  });
}
