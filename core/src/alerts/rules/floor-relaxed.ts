import type { PolicyActivation } from "@vivified/contracts";
import type { Clock } from "@vivified/runtime";
import type { Stores } from "../../stores.ts";
import type { AlertRule, Finding } from "../finding.ts";

/** The finding for an activation that relaxes floor rules, or nothing. */
export function relaxedFinding(activation: PolicyActivation | undefined, evidenceAt: Date): readonly Finding[] {
  if (activation === undefined || activation.relaxed.length === 0) return [];
  const { revision, relaxed } = activation;
  const rules = relaxed.map(({ rule, mode }) => `${rule} (${mode})`).join(", ");
  const message = `Policy ${revision} is in force and does not enforce: ${rules}`;
  return [{ rule: "policy_floor_relaxed", subject: revision, severity: "high", message, evidenceAt }];
}

/** A policy is in force that has a floor rule off or only reporting. Its activation opens the alert; this goes on with it. */
export function floorRelaxed({ policies }: Pick<Stores, "policies">, clock: Clock): AlertRule {
  const look = async () => relaxedFinding(await policies.active(), clock.now());
  return { name: "policy_floor_relaxed", look, ends: 0 };
}
