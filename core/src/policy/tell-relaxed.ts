import type { PolicyActivation } from "@vivified/contracts";
import type { Logger } from "@vivified/runtime";

/** The alert's line in the log, once the activation is committed. */
export function tellRelaxed({ id, revision, relaxed, state }: PolicyActivation, logger: Logger): void {
  if (state !== "active" || relaxed.length === 0) return;
  logger.error({ activation: id, revision, relaxed }, "the policy in force does not enforce every floor rule");
}
