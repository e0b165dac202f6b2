import { isJsonObject, type JsonValue, type PolicyRuleMode, policyRuleModes } from "@vivified/contracts";
import { bundleRefused } from "./bundle-refused.ts";

/**
 * How rules count, by id, from `data.modes`. What is not named is enforced.
 *
 * @throws VivifiedError `policy_bundle_refused` `malformed` for anything but an object of modes
 */
export function ruleModes(modes: JsonValue | undefined): ReadonlyMap<string, PolicyRuleMode> {
  if (modes === undefined) return new Map();
  if (!isJsonObject(modes)) throw bundleRefused("malformed", "the modes of rules are not an object");
  return new Map(Object.entries(modes).map(([rule, mode]) => [rule, modeOf(rule, mode)]));
}

function modeOf(rule: string, mode: JsonValue | undefined): PolicyRuleMode {
  const known = policyRuleModes.find((name) => name === mode);
  if (known !== undefined) return known;
  throw bundleRefused("malformed", `the mode of ${rule} is ${JSON.stringify(mode)}, not ${policyRuleModes.join(", ")}`);
}
