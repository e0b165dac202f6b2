import type { AlertStore } from "./alert-store.ts";
import type { AlertRule, Finding } from "./finding.ts";
import { latestBelieved } from "./latest-believed.ts";

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
  const goingOn = findings.filter((finding) => !isNew(finding));
  const { without, fresh } = await untold(findings.filter(isNew), rule, { alerts, at });
  if (fresh.length === 0) return goingOn;
  const opened = await alerts.openedSince(rule.name, new Date(at.getTime() - openedWithinMs));
  const room = Math.max(0, mostOpened - opened);
  const [own, rest] = [fresh.slice(0, room), fresh.slice(room)];
  return [...goingOn, ...own, ...folded(rest, without.length - own.length, rule)];
}

type Untold = {
  /** What no alert of its own has told of. */
  readonly without: readonly Finding[];
  /** And not that of the rest either. */
  readonly fresh: readonly Finding[];
};

async function untold(
  findings: readonly Finding[],
  { name: rule }: AlertRule,
  { alerts, at }: BoundFindingsDeps,
): Promise<Untold> {
  if (findings.length === 0) return { without: [], fresh: [] };
  const subjects = [...findings.map(({ subject }) => subject), othersSubject];
  const told = await alerts.lastEvidences({ rule, subjects }, latestBelieved(at));
  const isAfter = (subject: string, { evidenceAt }: Finding) => evidenceAt > (told.get(subject) ?? new Date(0));
  const without = findings.filter((finding) => isAfter(finding.subject, finding));
  return { without, fresh: without.filter((finding) => isAfter(othersSubject, finding)) };
}

/** One finding about all the rest, when something of it is new. */
function folded(fresh: readonly Finding[], count: number, { name, all }: AlertRule): readonly Finding[] {
  const [first] = fresh;
  if (first === undefined) return [];
  const evidenceAt = fresh.map((one) => one.evidenceAt).reduce((a, b) => (a > b ? a : b));
  const message = `${count} more at least, which are not told one by one: ${all ?? "core's log"} has all of them`;
  const { severity } = first;
  return [{ rule: name, subject: othersSubject, severity, message, evidenceAt, labels: { more: String(count) } }];
}
