import type { Alert, AlertNotice, AlertQuery, AlertRuleName } from "@vivified/contracts";
import type { Finding } from "./finding.ts";

export type AlertChannelName = "mail" | "webhook";

/** A notice on its way over one channel. Its id is the same at every attempt. */
export type AlertDelivery = {
  readonly noticeId: string;
  readonly channel: AlertChannelName;
  readonly notice: AlertNotice;
  readonly attempts: number;
  /** Since when it is to be delivered. */
  readonly since: Date;
};

export type AlertKind = { readonly rule: AlertRuleName; readonly subject: string };
export type AlertKinds = { readonly rule: AlertRuleName; readonly subjects: readonly string[] };

/** Alerts and what is told of them. What the parts of a change have in common is one transaction's store. */
export type AlertStore = {
  /** The open one, locked until the end of the transaction. */
  readonly findOpen: (rule: AlertRuleName, subject: string) => Promise<OpenAlert | undefined>;
  /** The latest evidence, up to a moment, that any alert of the kind, open or not, has told of. */
  readonly lastEvidence: (kind: AlertKind, until: Date) => Promise<Date | undefined>;
  /** The same of several subjects; of those without any alert, nothing. */
  readonly lastEvidences: (kinds: AlertKinds, until: Date) => Promise<ReadonlyMap<string, Date>>;
  /** How many alerts of a rule are open, or were opened since then. */
  readonly openedSince: (rule: AlertRuleName, since: Date) => Promise<number>;
  /** Opens an alert; nothing when another process was faster. */
  readonly open: (finding: Finding, at: Date) => Promise<Alert | undefined>;
  readonly seen: (id: string, finding: Finding) => Promise<void>;
  readonly told: (id: string, at: Date) => Promise<Alert>;
  readonly openOf: (rule: AlertRuleName) => Promise<readonly Alert[]>;
  /** Nothing when it is resolved already. */
  readonly resolve: (id: string, at: Date) => Promise<Alert | undefined>;
  readonly find: (id: string) => Promise<Alert | undefined>;
  readonly list: (query: AlertQuery) => Promise<readonly Alert[]>;
  /** Nothing when it is acknowledged or resolved already. */
  readonly acknowledge: (id: string, by: Acknowledged) => Promise<Alert | undefined>;
  readonly addNotice: (notice: AlertNotice) => Promise<void>;
  /** Makes a delivery for every channel of each notice that has none yet. */
  readonly fanOut: (channels: readonly AlertChannelName[]) => Promise<void>;
  /** Takes the next due one for a while; whoever dies with it leaves it to the next one after that. */
  readonly claim: (channel: AlertChannelName, leaseMs: number) => Promise<AlertDelivery | undefined>;
  readonly delivered: (delivery: AlertDelivery) => Promise<void>;
  readonly retryLater: (delivery: AlertDelivery, delayMs: number, code: string) => Promise<void>;
  readonly giveUp: (delivery: AlertDelivery, code: string) => Promise<void>;
};

export type OpenAlert = { readonly alert: Alert; readonly toldAt: Date };
export type Acknowledged = { readonly at: Date; readonly by: string; readonly note: string };
