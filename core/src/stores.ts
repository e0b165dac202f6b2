import { type AlertStore, alertStore } from "./alerts/index.ts";
import { type DecisionStore, decisionStore } from "./audit/index.ts";
import { type EventTypeStore, eventTypeStore } from "./canonical/index.ts";
import type { Db } from "./database/open-database.ts";
import { type UserStore, userStore } from "./identity/index.ts";
import { type OutboxStore, outboxStore } from "./outbox/index.ts";
import { type PolicyStore, policyStore } from "./policy/index.ts";
import { type RegistryStore, registryStore } from "./registry/index.ts";
import { type HoldStore, holdStore } from "./retention/index.ts";
import { type SettingsStore, settingsStore } from "./settings/index.ts";
import { type RevisionStore, revisionStore } from "./snapshot/index.ts";
import { type ValueStore, valueStore } from "./storage/index.ts";
import { type SubjectStore, subjectStore } from "./subjects/index.ts";

/** Every domain's store, on the database or on one transaction. Use cases name the ones they need. */
export type Stores = {
  readonly users: UserStore;
  readonly plugins: RegistryStore;
  readonly eventTypes: EventTypeStore;
  readonly values: ValueStore;
  readonly settings: SettingsStore;
  readonly decisions: DecisionStore;
  readonly outbox: OutboxStore;
  readonly revision: RevisionStore;
  readonly policies: PolicyStore;
  readonly alerts: AlertStore;
  readonly holds: HoldStore;
  readonly subjects: SubjectStore;
};

export function storesOf(db: Db): Stores {
  return {
    users: userStore(db),
    plugins: registryStore(db),
    eventTypes: eventTypeStore(db),
    values: valueStore(db),
    settings: settingsStore(db),
    decisions: decisionStore(db),
    outbox: outboxStore(db),
    revision: revisionStore(db),
    policies: policyStore(db),
    alerts: alertStore(db),
    holds: holdStore(db),
    subjects: subjectStore(db),
  };
}
