import type { Decision, Lane } from "@vivified/contracts";
import { type Clock, type Logger, toProblem } from "@vivified/runtime";

/** What is known of a lane call before it is decided. */
export type CallLine = {
  readonly lane: Lane;
  readonly action: string;
  readonly resource: string;
  /** The other side of a delivery. */
  readonly target?: string;
  readonly caller: string | undefined;
  readonly trace_id: string;
};
type Decided = { readonly outcome: string; readonly decision: Decision };

/** Runs a lane call and writes its one canonical log line, whatever comes of it. Never payloads, headers or queries. */
export async function logCall<T extends Decided>(
  line: CallLine,
  running: Promise<T>,
  deps: { readonly logger: Logger; readonly clock: Clock },
): Promise<T> {
  const startedMs = deps.clock.monotonicMs();
  const durationMs = () => Math.round((deps.clock.monotonicMs() - startedMs) * 100) / 100;
  try {
    const result = await running;
    const { id, effect, entrypoint, revision, reasons, would_deny } = result.decision;
    const rules = reasons.map((reason) => reason.rule);
    const reported = would_deny && { would_deny: would_deny.map(({ rule }) => rule) };
    const decided = { effect, reasons: rules, ...reported, decision_id: id, entrypoint, revision };
    deps.logger.info({ ...line, ...decided, duration_ms: durationMs(), outcome: result.outcome }, "lane call");
    return result;
  } catch (error) {
    const { code, status, decision_id } = toProblem(error);
    const failed = { code, status, ...(decision_id === undefined ? {} : { decision_id }) };
    deps.logger.info({ ...line, ...failed, duration_ms: durationMs(), outcome: "failed" }, "lane call");
    throw error;
  }
}
