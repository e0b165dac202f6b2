import type { Entrypoint } from "@vivified/contracts";
import { applyObligations } from "./apply-obligations.ts";
import type { FieldKeys } from "./field-keys.ts";
import { type Denial, mint, type Permit } from "./permit.ts";
import type { Judgement, Question } from "./question.ts";

export type EnforceDeps = {
  /** Never rejects: undefined, erroring and over-budget policies come back as denials with their own reason. */
  readonly decide: <E extends Entrypoint>(question: Question<E>) => Promise<Judgement>;
  /** Resolves once the record is durable. @throws VivifiedError `audit_unavailable` 503 */
  readonly record: <E extends Entrypoint>(question: Question<E>, judgement: Judgement) => Promise<void>;
  readonly fieldKeys: FieldKeys;
};

/**
 * Decide, apply, record, then answer: the one place where permits come from. Obligations are applied before the record
 * is written, because one that cannot be applied turns the decision into a denial, and the record must not lie.
 *
 * @throws VivifiedError `audit_unavailable` 503: nothing may be released.
 */
export async function enforce<E extends Entrypoint>(
  question: Question<E>,
  deps: EnforceDeps,
): Promise<Permit<E> | Denial> {
  const judgement = await deps.decide(question);
  const { decision, payload } = applyObligations(judgement.decision, question.payload, deps.fieldKeys);
  const overruled = decision === judgement.decision ? {} : { overruled: judgement.decision };
  await deps.record(question, { ...judgement, decision, ...overruled });
  if (decision.effect === "deny") return { outcome: "denied", decision, code: "denied" };
  const { subject, resource, traceId } = question;
  return mint<E>(decision, { subject, resource, traceId, payload });
}
