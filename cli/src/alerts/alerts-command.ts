import type { Alert, AlertPage } from "@vivified/contracts";
import type { CoreOptions } from "../core/core-options.ts";
import { openCore } from "../core/open-core.ts";
import { harmless, harmlessJson } from "../terminal/harmless.ts";

export type ListAlertsOptions = CoreOptions & { readonly state?: Alert["state"]; readonly json?: boolean };
export type AcknowledgeOptions = CoreOptions & { readonly note: string; readonly json?: boolean };

/** `vivified alerts list`: ends with 1 when one is open, so that a script can tell. */
export async function listAlerts(options: ListAlertsOptions): Promise<number> {
  const query = new URLSearchParams({ limit: "500", ...(options.state !== undefined && { state: options.state }) });
  await using core = await openCore(options);
  const page = await core.call<AlertPage>("GET", `/admin/alerts?${query}`);
  if (options.json) console.log(harmlessJson(page));
  else console.log(harmless(page.alerts).map(line).join("\n") || "no alerts");
  return page.alerts.some(({ state }) => state === "open") ? 1 : 0;
}

/** `vivified alerts ack` @throws AdminApiError when core refuses */
export async function acknowledgeAlert(id: string, options: AcknowledgeOptions): Promise<number> {
  await using core = await openCore(options);
  const path = `/admin/alerts/${encodeURIComponent(id)}/acknowledge`;
  const alert = await core.call<Alert>("POST", path, { note: options.note });
  console.log(options.json ? harmlessJson(alert) : line(harmless(alert)));
  return 0;
}

/** One alert on one line. */
function line({ id, opened_at, severity, rule, state, message }: Alert): string {
  return `${opened_at}  ${severity.padEnd(8)}  ${state.padEnd(12)}  ${rule}  ${message}  (${id})`;
}
