import type { Requester } from "../policy/index.ts";
import type { Stores } from "../stores.ts";
import { alertRecord } from "./alert-record.ts";
import type { OpenAlert } from "./alert-store.ts";
import type { AlertRule, Finding } from "./finding.ts";
import { latestBelieved } from "./latest-believed.ts";
import { tellAlert } from "./tell-alert.ts";

export type RaiseAlertStores = Pick<Stores, "alerts" | "outbox" | "decisions">;
export type Raising = {
  readonly by: Requester;
  readonly at: Date;
  /** How long after an alert was told it is told again; never, when absent. */
  readonly repeatMs?: number;
  /** When alerts of the rule end, where that makes a difference. */
  readonly ends?: AlertRule["ends"];
};

/** An alert that nobody acknowledges is told this often, and no more. */
const mostTold = 24;

/**
 * Opens an alert, in the transaction of what it is about, or goes on with the one that is open. Evidence that an earlier
 * alert of the same kind has told of already opens no other.
 */
export async function raiseAlert(finding: Finding, raising: Raising, stores: RaiseAlertStores): Promise<void> {
  const { rule, subject, evidenceAt } = finding;
  const before = await stores.alerts.findOpen(rule, subject);
  if (before !== undefined) return goOn(finding, before, { raising, stores });
  const known = await stores.alerts.lastEvidence({ rule, subject }, latestBelieved(raising.at));
  if (known !== undefined && known >= evidenceAt) return;
  const alert = await stores.alerts.open(finding, raising.at);
  if (alert === undefined) return;
  await stores.decisions.append([alertRecord("opened", alert, raising.by)]);
  await tellAlert(alert, { type: "alert.opened", at: raising.at, trace: raising.by.trace }, stores);
}

type Context = { readonly raising: Raising; readonly stores: RaiseAlertStores };

async function goOn(finding: Finding, { alert, toldAt }: OpenAlert, { raising, stores }: Context): Promise<void> {
  const { at, by, repeatMs = Number.POSITIVE_INFINITY, ends } = raising;
  const known = new Date(alert.evidence_at);
  if (finding.evidenceAt <= known && known <= latestBelieved(at)) return;
  if (ends === "acknowledged" && alert.state === "acknowledged") return; // it is over: what is newer opens the next one
  await stores.alerts.seen(alert.id, finding);
  if (alert.state === "acknowledged" || alert.told >= mostTold) return;
  if (toldAt <= latestBelieved(at) && at.getTime() - toldAt.getTime() < repeatMs) return;
  const told = await stores.alerts.told(alert.id, at);
  await tellAlert(told, { type: "alert.repeated", at, trace: by.trace }, stores);
}
