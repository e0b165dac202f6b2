import type { Entrypoint } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import type { Denial, Permit } from "./permit.ts";
import { type Refusal, type RefuseDeps, refuse } from "./refuse.ts";
import { isUnjudgeable } from "./unjudgeable.ts";

/**
 * The judgement of a reply. A reply that cannot be judged is withheld by `refusal`, which is recorded; whatever else fails
 * once the other side has answered says that the call took place: nothing may look as if it had not.
 */
export async function afterEffect<E extends Entrypoint>(
  deciding: Promise<Permit<E> | Denial>,
  refusal: Refusal,
  deps: RefuseDeps,
): Promise<Permit<E> | Denial> {
  try {
    return await deciding.catch((error: unknown) => {
      if (isUnjudgeable(error)) return refuse(refusal, deps);
      throw error;
    });
  } catch (error) {
    throw executed(error, refusal.parentId);
  }
}

function executed(cause: unknown, decisionId: string | undefined): VivifiedError {
  const code = cause instanceof VivifiedError ? cause.code : "internal";
  const told = { executed: true, retryable: false, ...(decisionId === undefined ? {} : { decision_id: decisionId }) };
  return new VivifiedError(code, { extra: told, cause });
}
