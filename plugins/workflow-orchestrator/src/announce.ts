import { asStep, type OnboardingDeps, type StepFailure } from "./onboarding.ts";

export type OnboardingResult = { readonly steps_completed: readonly string[]; readonly warnings: readonly string[] };

/** Says, once for each user, that the onboarding is done. @throws StepFailure */
export async function announceCompleted(
  user_id: string,
  { steps_completed, warnings }: OnboardingResult,
  { client }: OnboardingDeps,
): Promise<void> {
  const payload = { user_id, steps_completed, ...(warnings.length === 0 ? {} : { warnings }) };
  const event = { type: "OnboardingCompleted", payload, traits: ["pii"] };
  await asStep("announce", () => client.publishEvent(event, { idempotencyKey: `onboarding-completed:${user_id}` }));
}

/** Says, once for each user, at which step the onboarding ended. @throws StepFailure */
export async function announceFailed(user_id: string, failure: StepFailure, { client }: OnboardingDeps): Promise<void> {
  const payload = { user_id, step: failure.step, reason: failure.reason };
  const event = { type: "WorkflowFailed", payload, traits: ["pii"] };
  await asStep("announce", () => client.publishEvent(event, { idempotencyKey: `workflow-failed:${user_id}` }));
}
