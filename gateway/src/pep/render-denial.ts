import type { Problem } from "@vivified/contracts";
import { problemOf } from "@vivified/runtime";
import type { Denial } from "./permit.ts";

/**
 * A denial as it leaves. One that hides existence (`not_found`) says nothing but its decision's id, so that what is not
 * granted and what does not exist look the same; any other explains itself.
 */
export function renderDenial(denial: Denial, traceId: string): Problem {
  const { decision, code, executed, violations } = denial;
  const told = { decision_id: decision.id, trace_id: traceId };
  if (code === "not_found") return problemOf(code, told);
  return problemOf(code, {
    ...told,
    reasons: decision.reasons,
    ...(executed === undefined ? {} : { executed }),
    ...(violations === undefined ? {} : { violations }),
  });
}
