import type { Decision, OutcomeRecord } from "@vivified/contracts";
import { type Clock, toProblem, VivifiedError } from "@vivified/runtime";

/** What an effect tells about itself. */
export type Effected = { readonly status: number; readonly bytes?: number };

export type OutcomeDeps = {
  /** Not waited for; not lost on a graceful stop. */
  readonly recordOutcome: (record: OutcomeRecord) => void;
  readonly clock: Clock;
};

/**
 * Records what became of a permitted effect, and passes its result or failure on. A failure leaves with the decision's
 * id, so that the caller can name what it asks about.
 */
export async function recordOutcome<T extends Effected>(
  permit: { readonly decision: Decision },
  effect: Promise<T>,
  deps: OutcomeDeps,
): Promise<T> {
  const startedMs = deps.clock.monotonicMs();
  const base = () => ({
    kind: "outcome" as const,
    decision_id: permit.decision.id,
    timestamp: deps.clock.now().toISOString(),
    duration_ms: Math.round((deps.clock.monotonicMs() - startedMs) * 1000) / 1000,
  });
  try {
    const result = await effect;
    const size = result.bytes === undefined ? {} : { bytes: result.bytes };
    deps.recordOutcome({ ...base(), outcome: "done", status: result.status, ...size });
    return result;
  } catch (error) {
    deps.recordOutcome({ ...base(), outcome: "failed", ...failureOf(error) });
    throw withDecision(error, permit.decision.id);
  }
}

function failureOf(error: unknown): Pick<OutcomeRecord, "code" | "status"> {
  const { code, status } = toProblem(error);
  return { code, status };
}

function withDecision(error: unknown, decisionId: string): unknown {
  if (!(error instanceof VivifiedError)) return error;
  const { code, detail, extra } = error;
  const told = { extra: { ...extra, decision_id: decisionId }, cause: error };
  return new VivifiedError(code, detail === undefined ? told : { ...told, detail });
}
