import type { Requester } from "../guard-admin.ts";
import type { PolicyChangeDeps } from "../policy-changes.ts";
import { requestActivation } from "../request-activation.ts";
import { storeBundle } from "../store-bundle.ts";

/**
 * Keeps what the source sent and publishes it as a person would, second person included. A revision that was published,
 * rolled back or rejected before is not asked for again: people have the last word.
 *
 * @throws VivifiedError `policy_bundle_refused` with its fault; `conflict` 409 when somebody else's request waits
 */
export async function takeSourceBundle(archive: Buffer, by: Requester, deps: PolicyChangeDeps): Promise<void> {
  const { revision, serial } = await storeBundle(archive, by, deps);
  const { policies } = deps.stores;
  const active = await policies.active();
  if (active?.revision === revision) return;
  const inForce = active && (await policies.findBundle(active.revision));
  const wasAsked = (await policies.activationsOf(revision)).length > 0;
  if (wasAsked && serial >= (inForce?.serial ?? 0)) return;
  await requestActivation({ kind: "source", revision, note: "the bundle source has it" }, by, deps);
}
