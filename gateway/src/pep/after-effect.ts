import type { Decision } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";

/** Whatever fails once the target has answered says that the call took place: nothing may look as if it had not. */
export async function afterEffect<T>(deciding: Promise<T>, decision: Decision): Promise<T> {
  try {
    return await deciding;
  } catch (error) {
    const code = error instanceof VivifiedError ? error.code : "internal";
    throw new VivifiedError(code, {
      extra: { executed: true, retryable: false, decision_id: decision.id },
      cause: error,
    });
  }
}
