import type { PolicyActivation } from "@vivified/contracts";
import { bundleRefused } from "@vivified/pdp";
import { VivifiedError } from "@vivified/runtime";
import { changeRecord } from "../audit/index.ts";
import { type ActivationStores, activatePolicy, toldOf } from "./activate-policy.ts";
import type { Requester } from "./guard-admin.ts";
import type { PolicyChangeDeps } from "./policy-changes.ts";
import { supersedePending } from "./supersede-pending.ts";
import { tellRelaxed } from "./tell-relaxed.ts";

export type ActivationRequest = Pick<PolicyActivation, "kind" | "revision" | "note">;

/**
 * Asks for a kept bundle to be put in force. It takes effect at once, unless a second person has to agree.
 *
 * @throws VivifiedError `not_found` 404; `conflict` 409 when it is in force already, another request waits, somebody else
 *   is at it, or a rollback names what was never in force; `policy_bundle_refused` 422 `older_revision`, or any fault that
 *   the bundle has by now
 */
export async function requestActivation(
  request: ActivationRequest,
  by: Requester,
  deps: PolicyChangeDeps,
): Promise<PolicyActivation> {
  const archive = await deps.stores.policies.archive(request.revision);
  if (archive === undefined) throw new VivifiedError("not_found", { detail: "there is no such policy bundle" });
  await deps.admit(archive); // a key may have been taken away since it was kept
  const activation = await deps.atomically(async (stores) => {
    await stores.policies.lock("refuse");
    return ask(request, by, { stores, approval: deps.approval });
  });
  tellRelaxed(activation, deps.logger);
  return activation;
}

type Asking = { readonly stores: ActivationStores; readonly approval: PolicyChangeDeps["approval"] };

async function ask(request: ActivationRequest, by: Requester, { stores, approval }: Asking): Promise<PolicyActivation> {
  const { policies, decisions } = stores;
  await refuseUnfit(request, stores);
  await supersedePending(request, by, stores);
  const relaxes = ((await policies.findBundle(request.revision))?.relaxed ?? []).length > 0;
  const asked = { ...request, requested_by: by.caller };
  if (!relaxes && (approval === "relaxed" || request.kind === "rollback")) {
    return activatePolicy(() => policies.addActivation({ ...asked, state: "active" }), by, stores);
  }
  const pending = await policies.addActivation({ ...asked, state: "pending" });
  await decisions.append([changeRecord({ ...by, ...toldOf(pending), action: "request policy", reason: requested })]);
  return pending;
}

const requested = {
  rule: "policy.requested",
  message: "A policy waits for a second person",
  fix: "let somebody else approve or reject it",
};

async function refuseUnfit({ kind, revision }: ActivationRequest, { policies }: ActivationStores): Promise<void> {
  const active = await policies.active();
  if (active?.revision === revision) throw conflict(`policy ${revision} is in force already`);
  if (kind === "rollback") return refuseUnknownPast(await policies.activationsOf(revision));
  const [wanted, now] = [await policies.findBundle(revision), active && (await policies.findBundle(active.revision))];
  if ((wanted?.serial ?? 0) >= (now?.serial ?? 0)) return;
  const why = `serial ${wanted?.serial} is lower than ${now?.serial} of ${now?.revision} in force; going back is a rollback`;
  throw bundleRefused("older_revision", why);
}

function refuseUnknownPast(activations: readonly PolicyActivation[]): void {
  if (activations.some(({ state }) => state === "replaced")) return;
  throw conflict("a rollback goes to a policy that was in force before");
}

const conflict = (detail: string): VivifiedError => new VivifiedError("conflict", { detail });
