import type { AlertStore } from "./alert-store.ts";
import type { AlertRule, Finding } from "./finding.ts";

/** So many alerts with names of others' choice a rule opens within an hour at most, and as many are open. */
const mostOpened = 10;
export const openedWithinMs = 3_600_000;

/** Subject of the alert about all that get none of their own. No id has a space. */
export const othersSubject = "and others";

export type BoundFindingsDeps = { readonly alerts: AlertStore; readonly at: Date };

/**
 * What is to be told of findings: those whose alert is open, new ones while there is room, and one for all the rest. What
 * an alert has told of, its own or that of the rest, is not told again. Whoever may write into the trail or to a gateway
 * can make up names: each would be a mail otherwise.
 */
export async function boundFindings(
  findings: readonly Finding[],
  rule: AlertRule,
  { alerts, at }: BoundFindingsDeps,
): Promise<readonly Finding[]> {
  const open = new Set((await alerts.openOf(rule.name)).map(({ subject }) => subject));
  const isNew = ({ subject, anyName }: Finding) => anyName === true && !open.has(subject);
  const fresh = await untold(findings.filter(isNew), rule, alerts);
  const goingOn = findings.filter((finding) => !isNew(finding));
  if (fresh.length === 0) return goingOn;
  const opened = await alerts.openedSince(rule.name, new Date(at.getTime() - openedWithinMs));
  const room = Math.max(0, mostOpened - opened);
  return [...goingOn, ...fresh.slice(0, room), ...folded(fresh.slice(room), rule)];
}

async function untold(findings: readonly Finding[], rule: AlertRule, alerts: AlertStore): Promise<readonly Finding[]> {
  if (findings.length === 0) return [];
  const subjects = [...findings.map(({ subject }) => subject), othersSubject];
  const told = await alerts.lastEvidences(rule.name, subjects);
  const toldOf = (subject: string): number => told.get(subject)?.getTime() ?? Number.NEGATIVE_INFINITY;
  return findings.filter(({ subject, evidenceAt }) => {
    return evidenceAt.getTime() > Math.max(toldOf(subject), toldOf(othersSubject));
  });
}

function folded(rest: readonly Finding[], { name, all }: AlertRule): readonly Finding[] {
  const [first] = rest;
  if (first === undefined) return [];
  const evidenceAt = rest.map((one) => one.evidenceAt).reduce((a, b) => (a > b ? a : b));
  const message = `${rest.length} more at least, which are not told one by one: ${all ?? "core's log"} has all of them`;
  const { severity } = first;
  return [{ rule: name, subject: othersSubject, severity, message, evidenceAt, labels: { more: String(rest.length) } }];
}
