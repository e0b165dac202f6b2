import type { PolicyActivation } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import { changeRecord } from "../audit/index.ts";
import { type ActivationStores, activatePolicy, toldOf } from "./activate-policy.ts";
import type { Requester } from "./guard-admin.ts";
import type { PolicyChangeDeps } from "./policy-changes.ts";
import { tellRelaxed } from "./tell-relaxed.ts";

const approved = { rule: "policy.approved", message: "A second person approved a policy", fix: "" };
const rejected = { rule: "policy.rejected", message: "A request for a policy was rejected", fix: "" };
const samePerson = {
  rule: "policy.second_person",
  message: "Whoever asks for a policy cannot approve it",
  fix: "let somebody else look at it",
};

/**
 * Puts a request that waits in force.
 *
 * @throws VivifiedError `not_found` 404; `conflict` 409 when it does not wait any more; `denied` 403 for the person who
 *   asked; `policy_bundle_refused` 422 for any fault that the bundle has by now
 */
export async function approveRequest(id: number, by: Requester, deps: PolicyChangeDeps): Promise<PolicyActivation> {
  const { policies } = deps.stores;
  const archive = await policies.archive((await policies.findActivation(id))?.revision ?? "");
  if (archive !== undefined) await deps.admit(archive);
  const activation = await deps.atomically(async (stores) => {
    const waiting = await waitingOne(id, stores);
    if (waiting.requested_by === by.caller) throw new VivifiedError("denied", { extra: { reasons: [samePerson] } });
    const change = { ...by, ...toldOf(waiting), action: "approve policy", reason: approved };
    await stores.decisions.append([changeRecord(change)]);
    return activatePolicy(() => settle(waiting, { state: "active", by: by.caller }, stores), by, stores);
  });
  tellRelaxed(activation, deps.logger);
  return activation;
}

/** Ends a request that waits; whoever asked may do so, too. @throws VivifiedError `not_found` 404, `conflict` 409 */
export function rejectRequest(id: number, by: Requester, deps: PolicyChangeDeps): Promise<PolicyActivation> {
  return deps.atomically(async (stores) => {
    const waiting = await waitingOne(id, stores);
    const change = { ...by, ...toldOf(waiting), action: "reject policy", reason: rejected };
    await stores.decisions.append([changeRecord(change)]);
    return settle(waiting, { state: "rejected", by: by.caller }, stores);
  });
}

async function waitingOne(id: number, { policies }: ActivationStores): Promise<PolicyActivation> {
  await policies.lock("refuse");
  const found = await policies.findActivation(id);
  if (found === undefined) throw new VivifiedError("not_found", { detail: "there is no such activation" });
  if (found.state === "pending") return found;
  throw new VivifiedError("conflict", { detail: `activation ${id} is ${found.state} and does not wait` });
}

type Settled = { readonly state: "active" | "rejected"; readonly by: string };

async function settle(
  waiting: PolicyActivation,
  change: Settled,
  { policies }: ActivationStores,
): Promise<PolicyActivation> {
  await policies.setState(waiting.id, change);
  return (await policies.findActivation(waiting.id)) ?? waiting;
}
