import {
  canonicalJson,
  type Decision,
  type DecisionRecord,
  type Entrypoint,
  type JsonObject,
  verdictOf,
} from "@vivified/contracts";
import type { Clock } from "@vivified/runtime";
import { actionOf, nameResource, recordLaneOf } from "./describe-question.ts";
import type { FieldKeys } from "./field-keys.ts";
import type { Judgement, Question } from "./question.ts";
import type { Refusal } from "./refuse.ts";

export type RecordContext = {
  readonly clock: Clock;
  readonly fieldKeys: FieldKeys;
  readonly labels: { readonly [name: string]: string };
};

/** The record of a decision: exactly what policy saw and said, and a keyed digest of the payload that was judged. */
export function decisionRecord<E extends Entrypoint>(
  question: Question<E>,
  { decision, overruled, input, snapshot, concealed }: Judgement,
  context: RecordContext,
): DecisionRecord {
  return {
    ...basis(decision, context),
    entrypoint: question.entrypoint,
    path: `vivified/${question.entrypoint}/decision`,
    snapshot,
    caller: question.subject.id,
    ...nameResource(question.entrypoint, question.resource),
    ...(isLeftOut(decision, input) ? {} : { input }),
    ...(overruled && { policy_result: verdictOf(overruled) }),
    ...(decision.nd_builtin_cache && { nd_builtin_cache: decision.nd_builtin_cache }),
    trace_id: question.traceId,
    ...(question.parentId === undefined ? {} : { parent_id: question.parentId }),
    ...(concealed ? {} : told(question.payload, context)),
  };
}

function told(payload: JsonObject, { fieldKeys }: RecordContext) {
  const text = canonicalJson(payload);
  return { payload_digest: fieldKeys.digest(text), payload_bytes: Buffer.byteLength(text), digest_key: fieldKeys.id };
}

/** What a caller who may do nothing can have recorded of one question; an honest one is rarely larger. */
const mostDeniedBytes = 16 * 1024;

/**
 * A question that is too large for policy is too large for the record, too, and one that was denied is when a caller
 * could fill the trail with it; digest and size of its payload are kept.
 */
function isLeftOut({ effect, reasons }: Decision, input: JsonObject): boolean {
  if (reasons.some((reason) => reason.rule === "pdp.input_too_large")) return true;
  return effect === "deny" && Buffer.byteLength(JSON.stringify(input)) > mostDeniedBytes;
}

/** The record of a no that needed no policy. */
export function refusalRecord(
  refusal: Refusal,
  decision: Decision,
  context: RecordContext & { readonly snapshot: number },
): DecisionRecord {
  return {
    ...basis(decision, context),
    entrypoint: "refused",
    path: "",
    snapshot: context.snapshot,
    caller: refusal.caller,
    resource: refusal.resource,
    ...(refusal.target === undefined ? {} : { target: refusal.target }),
    trace_id: refusal.traceId,
    ...(refusal.parentId === undefined ? {} : { parent_id: refusal.parentId }),
  };
}

function basis(decision: Decision, { clock, labels }: RecordContext) {
  return {
    kind: "decision" as const,
    decision_id: decision.id,
    timestamp: clock.now().toISOString(),
    lane: recordLaneOf(decision.entrypoint),
    revision: decision.revision,
    action: actionOf(decision.entrypoint),
    result: verdictOf(decision),
    labels,
  };
}
