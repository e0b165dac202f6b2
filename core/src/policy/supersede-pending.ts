import type { PolicyActivation } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import { changeRecord } from "../audit/index.ts";
import { type ActivationStores, toldOf } from "./activate-policy.ts";
import type { Requester } from "./guard-admin.ts";

const superseded = { rule: "policy.superseded", message: "Another request took the place of one that waited", fix: "" };

/**
 * One request waits at a time. A person's publication does not push another's aside: it is told to decide that one first.
 * A rollback does, because it is what is done in an emergency; the bundle source does with what it asked for itself.
 *
 * @throws VivifiedError `conflict` 409
 */
export async function supersedePending(
  { kind }: Pick<PolicyActivation, "kind">,
  by: Requester,
  { policies, decisions }: Pick<ActivationStores, "policies" | "decisions">,
): Promise<void> {
  const waiting = await policies.pending();
  if (waiting === undefined) return;
  const mayReplace = kind === "rollback" || kind === "bootstrap" || (kind === "source" && waiting.kind === "source");
  if (!mayReplace) throw mustBeDecided(waiting);
  await policies.setState(waiting.id, { state: "rejected", by: by.caller });
  await decisions.append([changeRecord({ ...by, ...toldOf(waiting), action: "supersede policy", reason: superseded })]);
}

function mustBeDecided({ id, revision }: PolicyActivation): VivifiedError {
  const detail = `activation ${id} (policy ${revision}) waits for approval; approve or reject it first`;
  return new VivifiedError("conflict", { detail });
}
