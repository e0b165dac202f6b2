import type { Alert, AlertNotice, TraceContext } from "@vivified/contracts";
import type { Stores } from "../stores.ts";

export type TellAlertStores = Pick<Stores, "alerts" | "outbox">;
type Telling = { readonly type: AlertNotice["type"]; readonly at: Date; readonly trace: TraceContext };

const prefixes: Readonly<Record<AlertNotice["type"], string>> = {
  "alert.opened": "",
  "alert.repeated": "Still so: ",
  "alert.resolved": "Resolved: ",
};

/** In the transaction of what is told: the event to the plugins, and the notice that goes over the channels. */
export async function tellAlert(alert: Alert, { type, at, trace }: Telling, stores: TellAlertStores): Promise<void> {
  const { rule: kind, severity } = alert;
  const payload = { kind, severity, message: `${prefixes[type]}${alert.message}` };
  await stores.outbox.add({ eventType: "SecurityAlert", payload, trace });
  await stores.alerts.addNotice({ type, timestamp: at.toISOString(), data: alert });
}
