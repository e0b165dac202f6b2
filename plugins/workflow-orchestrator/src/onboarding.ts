import { type Call, LaneError } from "@vivified/sdk";
import type { WorkflowConfig } from "./config.ts";

export type OnboardingDeps = Pick<Call<WorkflowConfig>, "client" | "config" | "log"> & {
  /** Waits; a port, so that tests need not. */
  readonly sleep: (ms: number) => Promise<void>;
};

export type Step = "get_profile" | "send_welcome" | "set_preferences" | "announce";

/** A step that did not work out, and why (its `cause`). */
export class StepFailure extends Error {
  override readonly name = "StepFailure";
  readonly step: Step;
  /** Whether the same step may work out later. */
  readonly mayPass: boolean;
  /** A code, never a message: it is published. */
  readonly reason: string;

  constructor(step: Step, cause: unknown) {
    super(`${step} failed`, { cause });
    this.step = step;
    this.mayPass = mayPass(cause);
    this.reason = cause instanceof LaneError ? cause.code : "internal";
  }
}

/** Runs a step, and says which one it was when it fails. @throws StepFailure */
export async function asStep<T>(step: Step, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new StepFailure(step, cause);
  }
}

/**
 * All our steps are idempotent, so a call whose outcome is unknown (no reply, a timeout, a target that broke) may be made
 * again. A no of policy or of the target will be the same the next time.
 */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof LaneError)) return false;
  return error.retryable || error.status === 0 || error.status >= 500 || isUnknownUser(error);
}

/** Deliveries to different subscribers come in no order: the profile may be made a moment later. */
export function isUnknownUser(error: unknown): boolean {
  return error instanceof LaneError && error.origin === "target" && error.code === "not_found";
}
