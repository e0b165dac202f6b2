import type { PolicyActivation, Reason } from "@vivified/contracts";
import { raiseAlert, relaxedFinding } from "../alerts/index.ts";
import { changeRecord } from "../audit/index.ts";
import type { Stores } from "../stores.ts";
import type { Requester } from "./guard-admin.ts";

export type ActivationStores = Pick<Stores, "policies" | "decisions" | "outbox" | "revision" | "alerts">;

const reasons: Readonly<Record<PolicyActivation["kind"], Reason>> = {
  bootstrap: { rule: "policy.bootstrapped", message: "The shipped policy was put in force", fix: "" },
  publish: { rule: "policy.published", message: "A policy was put in force", fix: "" },
  rollback: { rule: "policy.rolled_back", message: "An earlier policy was put in force again", fix: "" },
  source: { rule: "policy.published", message: "A policy of the bundle source was put in force", fix: "" },
};

/**
 * Puts an activation in force, in a transaction that holds the lock: the one before is replaced, one that waits lapses,
 * the snapshot will name the new one, and relaxed floor rules raise an alert. `put` adds it or changes its state.
 */
export async function activatePolicy(
  put: () => Promise<PolicyActivation>,
  by: Requester,
  stores: ActivationStores,
): Promise<PolicyActivation> {
  const { policies, revision, decisions } = stores;
  const before = await policies.active();
  if (before !== undefined) await policies.setState(before.id, { state: "replaced" });
  const activation = await put();
  if ((await policies.shadow()) === activation.revision) await policies.setShadow(undefined);
  await revision.advance();
  const reason = reasons[activation.kind];
  await decisions.append([changeRecord({ ...by, ...toldOf(activation), action: "activate policy", reason })]);
  if (activation.relaxed.length > 0) await alertRelaxed(activation, by, stores);
  return activation;
}

/** How every record of an activation names it. */
export function toldOf({ id, kind, revision, note, requested_by }: PolicyActivation) {
  const labels = { activation: String(id), kind, requested_by, note };
  return { resource: `policy ${revision}`, target: revision, labels };
}

const relaxedFloor: Reason = {
  rule: "policy.floor_relaxed",
  message: "The policy in force does not enforce every floor rule",
  fix: "publish a policy that enforces them, or roll back",
};

async function alertRelaxed(activation: PolicyActivation, by: Requester, stores: ActivationStores): Promise<void> {
  const rules = activation.relaxed.map(({ rule, mode }) => `${rule} (${mode})`).join(", ");
  const { labels, ...told } = toldOf(activation);
  const record = { ...by, ...told, action: "raise alert", reason: relaxedFloor, labels: { ...labels, rules } };
  await stores.decisions.append([changeRecord(record)]);
  const at = new Date();
  for (const finding of relaxedFinding(activation, at)) await raiseAlert(finding, { by, at }, stores);
}
