import { type PlatformRule, platformRules, type Verdict } from "@vivified/contracts";

const fixes: Record<PlatformRule, string> = {
  "pdp.undefined": "make the policy's decision rule answer every question",
  "pdp.error": "look up the policy failure in the log of the process that asked",
  "pdp.trap": "look up the policy failure in the log of the process that asked",
  "pdp.malformed": "make the policy return effect, reasons and obligations as the contract says",
  "pdp.input_too_large": "send less in one request",
  "pdp.input_malformed": "ask with well-formed text and no deeper than policies are asked",
  "pdp.budget_exceeded": "make the rule look up what it needs instead of searching for it",
  "pdp.no_policy": "build the policies with a package for this question",
  "pep.unknown_obligation": "use only the actions that the platform knows",
  "pep.obligation_failed": "make the obligation fit the type of the field",
};

/** The denial that the platform itself gives when policy did not answer. */
export function refusal(rule: PlatformRule): Verdict {
  return { effect: "deny", reasons: [{ rule, message: platformRules[rule], fix: fixes[rule] }], obligations: [] };
}
