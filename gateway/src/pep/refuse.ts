import type { CoreEntrypoint, Decision, Entrypoint } from "@vivified/contracts";
import type { Denial } from "./permit.ts";
import { type RefusalRule, refusalRules } from "./refusal-rules.ts";

/** A no that needs no policy. `entrypoint` is the question that would have been asked. */
export type Refusal = {
  readonly rule: RefusalRule;
  readonly entrypoint: Entrypoint | CoreEntrypoint;
  readonly traceId: string;
  /** Plugin id, or for a caller that is nobody the SPIFFE ID of its certificate. */
  readonly caller: string;
  /** What it was about, as in `DecisionRecord.resource`: never a query or payload. */
  readonly resource: string;
  readonly target?: string;
  /** The permit's decision, when something was permitted first. */
  readonly parentId?: string;
} & Pick<Denial, "retryAfterSeconds" | "violations">;

export type RefuseDeps = {
  readonly newId: () => string;
  /** The policy revision in force. */
  readonly revision: () => string;
  /** Resolves once the record is durable. @throws VivifiedError `audit_unavailable` 503 */
  readonly recordRefusal: (refusal: Refusal, decision: Decision) => Promise<void>;
};

/** Records a refusal, then answers with it. @throws VivifiedError `audit_unavailable` 503 */
export async function refuse(refusal: Refusal, deps: RefuseDeps): Promise<Denial> {
  const { code, message, fix } = refusalRules[refusal.rule];
  const decision: Decision = {
    id: deps.newId(),
    entrypoint: refusal.entrypoint,
    revision: deps.revision(),
    effect: "deny",
    reasons: [{ rule: refusal.rule, message, fix }],
    obligations: [],
  };
  await deps.recordRefusal(refusal, decision);
  const { retryAfterSeconds, violations } = refusal;
  return {
    outcome: "denied",
    decision,
    code,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    ...(violations === undefined ? {} : { violations }),
  };
}
