import type { Alert } from "@vivified/contracts";
import { type Clock, VivifiedError } from "@vivified/runtime";
import type { Atomically } from "../database/atomically.ts";
import type { Requester } from "../policy/index.ts";
import type { Stores } from "../stores.ts";
import { alertRecord } from "./alert-record.ts";

export type AcknowledgeAlertDeps = {
  readonly atomically: Atomically<Pick<Stores, "alerts" | "decisions">>;
  readonly clock: Clock;
};
type Acknowledging = { readonly id: string; readonly note: string };

/**
 * Somebody has seen an alert: it is not told again, and where a person has to look it ends with that.
 *
 * @throws VivifiedError `not_found` 404, `conflict` 409 when it is acknowledged or resolved already
 */
export function acknowledgeAlert(
  { id, note }: Acknowledging,
  by: Requester,
  { atomically, clock }: AcknowledgeAlertDeps,
): Promise<Alert> {
  return atomically(async ({ alerts, decisions }) => {
    const found = await alerts.find(id);
    if (found === undefined) throw new VivifiedError("not_found", { detail: "there is no such alert" });
    const alert = await alerts.acknowledge(id, { at: clock.now(), by: by.caller, note });
    if (alert === undefined) throw new VivifiedError("conflict", { detail: `the alert is ${found.state} already` });
    await decisions.append([alertRecord("acknowledged", alert, by)]);
    return alert;
  });
}
