import type { JsonValue } from "./json.ts";
import type { CoreEntrypoint, Entrypoint } from "./lanes.ts";

export type Effect = "allow" | "sanitize" | "deny";

/** What may happen to a field. `keep` exists so that a policy can say so; it changes nothing. */
export const obligationActions = ["keep", "remove", "redact", "mask", "hash", "tokenize", "generalize"] as const;
export type ObligationAction = (typeof obligationActions)[number];

/** One field and what must happen to it. `path` is a JSON Pointer (RFC 6901) in which `*` stands for every array index. */
export type Obligation = { readonly path: string; readonly action: ObligationAction };

/** Why: the rule's id, its title as people read it, and what would have to change. */
export type Reason = { readonly rule: string; readonly message: string; readonly fix: string };

/** How a rule counts. `report` changes nothing and says what it would have done; `off` says nothing. */
export const policyRuleModes = ["off", "report", "enforce"] as const;
export type PolicyRuleMode = (typeof policyRuleModes)[number];

/** What a policy returns. An allow names the grant or rule it rests on. */
export type Verdict = {
  readonly effect: Effect;
  readonly reasons: readonly Reason[];
  readonly obligations: readonly Obligation[];
  /** What rules in mode `report` would have denied; absent when there is nothing to report. */
  readonly would_deny?: readonly Reason[];
  /** The same of obligations, which a customer's rules may add. */
  readonly would_sanitize?: readonly Obligation[];
};

/** The verdict of a decision, and nothing else of it; what is absent stays absent. */
export function verdictOf({ effect, reasons, obligations, would_deny, would_sanitize }: Verdict): Verdict {
  return {
    ...{ effect, reasons, obligations },
    ...(would_deny && { would_deny }),
    ...(would_sanitize && { would_sanitize }),
  };
}

/** A verdict with an identity: which question, under which revision of the policies. */
export type Decision = Verdict & {
  /** UUIDv7 */
  readonly id: string;
  readonly entrypoint: Entrypoint | CoreEntrypoint;
  /** The policy bundle's revision; of a bundle that we built, the hex SHA-256 of its content, first 16 digits. */
  readonly revision: string;
  /** What builtins said that do not always say the same (`time.now_ns`), as OPA's decision log has it. */
  readonly nd_builtin_cache?: NdBuiltinCache;
};

/** By builtin, then by its arguments as a JSON array: `{"time.now_ns": {"[]": 1790000000000000000}}`. */
export type NdBuiltinCache = { readonly [builtin: string]: { readonly [arguments_: string]: JsonValue } };

/** Rules that the platform itself gives as reasons, when no policy rule did. */
export const platformRules = {
  "pdp.undefined": "The policy gave no answer",
  "pdp.error": "The policy failed",
  "pdp.trap": "The policy engine trapped",
  "pdp.malformed": "The policy's answer is not a decision",
  "pdp.input_too_large": "The question is larger than the policy engine accepts",
  "pdp.input_malformed": "The question is not what a policy may be asked",
  "pdp.budget_exceeded": "The policy did not come to an answer within its budget",
  "pdp.no_policy": "No policy is loaded for this question",
  "pep.unknown_obligation": "The policy asked for something the gateway cannot do",
  "pep.obligation_failed": "An obligation could not be applied",
} as const;
export type PlatformRule = keyof typeof platformRules;
