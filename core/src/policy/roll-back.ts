import type { PolicyActivation, RollbackPolicyRequest } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import type { Requester } from "./guard-admin.ts";
import type { PolicyChangeDeps } from "./policy-changes.ts";
import { requestActivation } from "./request-activation.ts";

/**
 * Puts a policy that was in force before in force again, under the next number. Without a revision it is the one before
 * the active one. It waits for nobody, unless it relaxes floor rules.
 *
 * @throws VivifiedError as {@link requestActivation}; `conflict` 409 when nothing was in force before
 */
export async function rollBack(
  { revision, note }: RollbackPolicyRequest,
  by: Requester,
  deps: PolicyChangeDeps,
): Promise<PolicyActivation> {
  const wanted = revision ?? (await deps.stores.policies.previousRevision());
  if (wanted === undefined) throw new VivifiedError("conflict", { detail: "no other policy was in force before" });
  return requestActivation({ kind: "rollback", revision: wanted, note }, by, deps);
}
