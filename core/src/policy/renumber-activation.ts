import type { SnapshotPolicy } from "@vivified/contracts";
import { newTrace } from "@vivified/runtime";
import { type ActivationStores, activatePolicy } from "./activate-policy.ts";

/**
 * After the database was restored to an earlier state: gateways take no activation that is not higher than the one that
 * they have, so what is in force now is put in force again under a number past the published one.
 */
export async function renumberActivation(
  published: SnapshotPolicy | undefined,
  stores: ActivationStores,
): Promise<void> {
  const { policies } = stores;
  await policies.lock("wait");
  const active = await policies.active();
  if (active === undefined || published === undefined || active.id > published.activation) return;
  if (active.id === published.activation && active.revision === published.revision) return;
  await policies.raiseLastActivation(published.activation);
  const note = `the database was restored; activation ${published.activation} was published before`;
  const again = { kind: "rollback", revision: active.revision, note, requested_by: "core" } as const;
  const by = { caller: "core", trace: newTrace() };
  await activatePolicy(() => policies.addActivation({ ...again, state: "active" }), by, stores);
}
